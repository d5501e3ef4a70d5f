# Les mots des pages en français. Chaque clé se trouve aussi dans en.ftl.

skip-to-content = Aller au contenu
nav-main = Principal
nav-admin = Centre d’administration
nav-account = Mon compte
other-language = English
foot = Guichet : une adresse pour l’équipe, et un droit pour chacun qui écrit en son nom.

sign-in = Se connecter
sign-out = Se déconnecter
sign-in-login = Adresse électronique
sign-in-password = Mot de passe
sign-in-wrong = L’adresse ou le mot de passe est erroné.
sign-in-wait = Trop de connexions manquées. Attendez { $seconds } secondes avant de réessayer, ou demandez à un administrateur de remettre le compteur à zéro.

error-back = Retour à l’accueil
error-not-found = Il n’y a rien ici
error-not-found-advice = L’adresse est peut-être mal saisie, ou ce qu’elle désignait a été supprimé.
error-forbidden = Vous n’y êtes pas autorisé
error-forbidden-advice = Il faut un droit que votre compte n’a pas. Demandez à un administrateur ou à un propriétaire du groupe.
error-signed-out = Vous êtes déconnecté
error-signed-out-advice = Rien n’a été fait. Reconnectez-vous, puis recommencez.
error-invalid = Ce n’est pas possible ainsi
error-invalid-advice = Rien n’a été modifié. Revenez en arrière, corrigez et renvoyez.
error-conflict = Quelqu’un d’autre a été plus rapide
error-conflict-advice = Rien n’a été modifié. Regardez la page telle qu’elle est maintenant, puis décidez à nouveau.
error-unavailable = Le serveur ne peut pas répondre maintenant
error-unavailable-advice = Rien n’a été modifié. Réessayez dans un instant ; un administrateur trouvera la raison dans le journal du serveur.

account-title = Mon compte
account-identities = Adresses depuis lesquelles je peux envoyer
account-identities-hint = En ce moment même. Un droit accordé apparaît ici aussitôt, un droit retiré disparaît aussitôt.
account-sessions = Où je suis connecté
account-sessions-hint = Navigateurs seulement. Changer de mot de passe ferme toutes ces sessions.
column-recipients-see = Les destinataires voient
column-right = Droit
column-through = Par
column-until = Jusqu’au
column-browser = Navigateur
column-client = Adresse
column-last-seen = Vu pour la dernière fois
column-actions = Actions
mode-own = Ma propre adresse
mode-send-as = Envoyer en tant que
mode-on-behalf = Envoyer de la part de
session-this = celui-ci
session-end = Déconnecter
session-end-all = Me déconnecter partout

search = Rechercher
search-by-name = Nom ou adresse
list-empty = Il n’y en a pas encore.
list-no-match = Rien ne porte ce nom.
list-more = { $count ->
    [one] Un autre n’est pas affiché : cherchez par nom.
   *[other] { $count } autres ne sont pas affichés : cherchez par nom.
}
yes = Oui
undo = Annuler
copy = Copier
copied = Copié
owner = Propriétaire
tag-team = Équipe
tag-group = Groupe
tag-disabled = Désactivé
column-name = Nom
column-address = Adresse
column-members = Membres
column-senders = Droits d’envoi
column-who = Qui
column-reads = Lire
column-manages = Gérer
column-granted-by = Accordé par, quand, pourquoi
mode-full-access = Accès total

admin-recipients = Destinataires
admin-groups = Groupes
admin-shared = Boîtes partagées

delegation-title = Délégation
delegation-hint = Les membres lisent ; seuls ceux qui ont un droit ici peuvent envoyer. Un changement vaut aussitôt, dès le message suivant, même sur les connexions ouvertes.
delegation-granted = { $trustee } détient maintenant { $right }. C’est en vigueur.
delegation-revoked = { $trustee } ne détient plus { $right }. C’est en vigueur.
delegation-unchanged = Rien n’a été modifié : c’était déjà ainsi.
right-held = Accordé
right-ended = Échu
right-revoke = Retirer
grant-title = Accorder un droit
grant-to = À qui
grant-until = Jusqu’à la fin du (vide : sans fin)
grant-reason = Pourquoi (conservé avec le droit)
grant-submit = Accorder
grant-bad-until = { $until } n’est pas un jour : écrivez-le comme 2026-12-31.

admin-trace = Suivi des messages
trace-hint = Tout est ici à l’instant même ; rien n’est échantillonné ni retardé.
trace-search = Adresse, mot de l’objet ou Message-ID
trace-full = Seuls les plus récents sont affichés : cherchez pour en voir d’autres.
trace-message = Ce qui est arrivé à ce message
trace-events = Pas à pas
trace-delivered = Remis
trace-expanded = Transmis aux membres
trace-pending = En route
trace-failed = Échoué
trace-refused = Refusé
event-submit = Soumis
event-receive = Reçu
event-deliver = Remis
event-expand = Transmis aux membres
event-send = Transmis au serveur suivant
event-defer = Différé
event-fail = Échoué
event-refuse = Refusé
event-hold = Retenu
event-release = Libéré
event-drop = Abandonné
event-journal = Copié au journal
column-when = Quand
column-sender = Expéditeur
column-recipient = Destinataire
column-subject = Objet
column-status = État
column-event = Événement
column-detail = Détails

admin-audit = Audit
audit-hint = Chaque modification et chaque message envoyé au nom d’autrui, avec la personne qui l’a fait. Les enregistrements sont chaînés : une retouche se voit.
audit-search = Personne, opération, objet ou mot de la raison
audit-verify = Vérifier la chaîne
audit-whole = { $count ->
    [one] La chaîne est intacte : un enregistrement.
   *[other] La chaîne est intacte : { $count } enregistrements.
}
audit-broken = La chaîne est rompue à l’enregistrement { $seq } : il a été modifié après coup.
audit-count = { $count ->
    [one] Un enregistrement.
   *[other] { $count } enregistrements.
}
audit-before = avant
audit-after = après
column-number = N°
column-actor = Qui
column-operation = Opération
column-object = Sur

admin-queue = File d’attente
queue-empty = Rien n’attend : tout est parti ou arrivé.
queue-held = Retenu
queue-attempts = { $count ->
    [one] une tentative
   *[other] { $count } tentatives
}
queue-expires = abandonné le { $at } UTC
queue-retry = Essayer maintenant
queue-hold = Retenir
queue-release = Libérer
queue-drop = Abandonner et prévenir l’expéditeur
column-next-attempt = Prochaine tentative
column-last-reply = Dernière réponse

admin-users = Utilisateurs
admin-contacts = Contacts
admin-domains = Domaines
create = Créer
save = Enregistrer
remove = Supprimer
done = C’est fait et en vigueur.
column-role = Rôle
role-member = Membre
role-auditor = Auditeur
role-administrator = Administrateur
user-new = Nouvel utilisateur
user-aliases = Autres adresses
user-account = Compte
user-new-password = Nouveau mot de passe
user-enable = Activer le compte
user-disable = Désactiver le compte
user-sessions = Navigateurs connectés
user-no-sessions = Aucun navigateur n’est connecté.
user-sign-out = Déconnecter partout
user-app-passwords = Mots de passe d’application
user-delete = Supprimer cet utilisateur
user-delete-warning = La boîte, son courrier et tous les droits disparaissent avec lui. C’est irréversible.
user-delete-confirm = Supprimer définitivement
create-group = Nouveau groupe
create-shared = Nouvelle boîte partagée
create-contact = Nouveau contact
create-owners = Propriétaires
create-members = Membres
create-full-access = Qui peut l’ouvrir (Accès total)
create-several = Plusieurs : séparés par des virgules.
create-team = Une équipe : avec des canaux
create-inside-only = Seules les personnes de l’organisation peuvent lui écrire
create-no-right = Être membre ou propriétaire ne donne pas le droit d’envoyer : accordez-le à la page suivante.
domain-default = Par défaut
domain-new = Ajouter un domaine
domain-records = Enregistrements DNS
domain-records-hint = Publiez-les chez l’hébergeur du domaine ; copiez chaque valeur telle quelle.
domain-check = Interroger le DNS
domain-make-default = En faire le domaine par défaut
dns-found = Trouvé
dns-missing = Absent
dns-differs = Différent
dns-unknown = Pas de réponse
dns-actual = Le DNS dit :

add = Ajouter
cancel = Annuler
group-settings = Membres et réglages
group-name = Nom et notes
group-notes = Notes pour les administrateurs
group-addresses = Adresses
group-inside-only-hint = Cela ne concerne que la réception et n’a aucun effet sur le droit d’envoyer.
group-hidden = Ne pas l’afficher dans les listes d’adresses
group-copies = Qui envoie en son nom reçoit aussi une copie dans ses propres envoyés
group-channels = Canaux
group-channels-hint = Chaque canal a une adresse qui reçoit ; elle n’est jamais un expéditeur.
group-delete = Le supprimer
address-primary = principale
address-make-primary = En faire la principale
address-add = Une adresse de plus
channel-add = Un canal de plus
column-copies = Copies par courriel
member-add = Un membre de plus
member-owner = Nommer propriétaire
member-not-owner = Ne plus être propriétaire
member-subscribe = Envoyer des copies
member-unsubscribe = Ne pas envoyer de copies
convert-title = En faire une boîte partagée
convert-hint = Une boîte partagée est ouverte par ceux qui ont l’Accès total ; elle n’a ni membres ni canaux.
convert-preview = Voir ce qui changerait
convert-what = Ce qui va changer
convert-address = Ces adresses passent à la boîte partagée : { $address }
convert-mail = Tout le courrier reste où il est.
convert-rights = Les droits d’envoi restent les mêmes.
convert-members = Les membres reçoivent l’Accès total à la place :
convert-atomic = Tout se fait d’un coup : aucun message n’est refusé ni perdu entre-temps.
convert-do = Convertir maintenant
group-switches = Réglages
member-no-right = Être membre ou propriétaire ne donne pas le droit d’envoyer : accordez-le sous Délégation.

## Own account: what signs in

account-overview = Vue d’ensemble
account-security = Mot de passe et sécurité
account-programs = Logiciels de messagerie et jetons
account-language = Langue
code-title = Encore une étape
code-label = Code
code-hint = Les six chiffres affichés par votre application d’authentification, ou l’un de vos codes de secours.
code-wrong = Le code est faux ou a déjà servi. Attendez le suivant.
code-start-again = Recommencer
password-title = Mot de passe
password-current = Mot de passe actuel
password-again = Nouveau mot de passe, encore une fois
password-hint = Au moins 8 caractères ; une phrase se retient mieux que des signes. Tous les autres navigateurs et logiciels de messagerie sont déconnectés.
password-change = Changer le mot de passe
password-wrong = Le mot de passe actuel est faux.
password-differs = Les deux nouveaux mots de passe diffèrent.
factor-title = Second facteur
factor-on = Activé
factor-off = Désactivé
factor-since = Depuis le { $at } UTC, un code de votre appareil est demandé après le mot de passe.
factor-hint = Après le mot de passe, un code de votre téléphone serait demandé : un mot de passe volé n’ouvrirait rien à lui seul.
factor-programs = Les logiciels de messagerie ne peuvent pas demander de code ; le mot de passe du compte n’y fonctionne donc pas : donnez à chacun un mot de passe d’application.
factor-programs-then = Les logiciels de messagerie ne peuvent pas demander de code : dès lors, le mot de passe du compte n’y fonctionne plus (SMTP et IMAP), et chacun a besoin d’un mot de passe d’application.
factor-codes-left = { $count ->
    [0] Il ne reste aucun code de secours : créez-en de nouveaux.
    [one] Il reste un code de secours.
   *[other] Il reste { $count } codes de secours.
}
factor-new-codes = Créer de nouveaux codes de secours
factor-remove = Désactiver le second facteur
factor-remove-hint = Le mot de passe seul ouvrira de nouveau le compte. Les codes de secours et les clés d’accès disparaissent aussi.
factor-begin = Le mettre en place
factor-scan = Relier une application d’authentification
factor-scan-hint = Scannez cette image avec une application d’authentification (Aegis, 2FAS, Google Authenticator ou un gestionnaire de mots de passe, par exemple).
factor-picture = Code QR contenant le secret ; le texte ci-dessous contient la même chose.
factor-type = Ou saisissez-y ce secret :
factor-code = Les six chiffres qu’elle affiche
factor-confirm = L’activer
factor-code-wrong = Ce code ne correspond pas au secret. Vérifiez que l’horloge de l’appareil est à l’heure, puis saisissez les chiffres affichés maintenant.
codes-title = Vos codes de secours
codes-hint = Chacun ouvre le compte une fois quand l’appareil n’est pas à portée de main. Imprimez-les ou gardez-les dans un gestionnaire de mots de passe : ils ne seront plus affichés.
codes-kept = Je les ai conservés
programs-shown-once = Copiez-le maintenant : il ne sera plus affiché.
app-passwords-hint = Un mot de passe pour un seul logiciel de messagerie, que vous pouvez retirer sans changer le vôtre.
app-passwords-needed = Votre second facteur est activé : les logiciels de messagerie se connectent avec l’un de ceux-ci, et non avec le mot de passe du compte.
app-password-name = Pour quoi (par exemple : téléphone, Thunderbird)
app-password-make = Créer un mot de passe d’application
column-made = Créé
column-last-used = Dernière utilisation
tokens-title = Jetons d’API
tokens-hint = Pour les scripts et programmes qui administrent ou envoient. Un jeton peut ce que ses portées permettent, et jamais plus que vous.
token-scopes = Portées
token-ended = Terminé
token-revoke = Révoquer
token-name = Pour quoi
token-until = Dernier jour
token-until-hint = Vide : jusqu’à sa révocation.
token-make = Créer un jeton
token-no-scope = Choisissez au moins une portée.
token-bad-until = { $until } n’est pas un jour : écrivez-le ainsi : 2027-01-31.
scope-send = send : envoyer du courrier
scope-read = read : consulter l’administration, dans la limite de vos droits
scope-admin = admin : modifier l’administration, dans la limite de vos droits
user-second-factor = Second facteur
user-factor-on = Activé depuis le { $at } UTC
user-factor-off = Désactivé
user-factor-remove = Retirer le second facteur et les clés d’accès
user-factor-remove-hint = Pour qui a perdu son appareil. Le mot de passe seul ouvre le compte jusqu’à la mise en place d’un nouveau second facteur, et tous les navigateurs sont déconnectés.

## First run and settings

first-run-title = Bienvenue dans Guichet
first-run-hint = Ce lien ne sert qu’une fois. Choisissez le mot de passe de { $address } ; il remplace celui qui a été affiché.
first-run-begin = Définir le mot de passe et commencer
setup-steps = Étapes
setup-organization = Organisation
setup-domain = Domaine
setup-team = Première équipe
setup-people = Premières personnes
setup-send = Un message au nom de l’équipe
setup-next = Suivant
setup-finish = Aller au centre d’administration
setup-domain-hint = Le courrier pour { $domain } n’arrive, et celui qui en part n’est digne de confiance, qu’une fois ses enregistrements DNS publiés. Cela peut attendre : s’écrire entre vous fonctionne sans.
setup-domain-records = Afficher les enregistrements et interroger le DNS
setup-team-hint = Une équipe a une adresse et une boîte à elle. Vous en devenez propriétaire et membre, et recevez « Envoyer en tant que » : ce droit se donne nommément, jamais par la seule appartenance.
setup-person-team = Rejoint l’équipe
setup-person-send-as = Peut envoyer en tant que l’équipe
setup-send-hint = Un court message part de l’équipe vers { $address }. Vous voyez ensuite son chemin, étape par étape.
setup-send-team = Envoyer en tant que
setup-send-now = L’envoyer et montrer son chemin
setup-send-refused = Vous ne pouvez pas envoyer en tant que cette équipe : accordez-vous ce droit sous Délégation, ou choisissez-en une autre.
setup-no-team = Il n’y a pas encore d’équipe.
setup-message-subject = Premier message en tant que { $team }
setup-message-text = Ce message a été envoyé en tant que { $team }. Les destinataires voient l’équipe ; l’audit sait qui l’a envoyé.
admin-settings = Paramètres
settings-name = Nom de l’organisation
settings-hostname = Nom de ce serveur
settings-hostname-hint = Il se trouve dans guichet.toml (hostname) ; changez-le là, puis redémarrez le serveur.
settings-alias = Qui envoie depuis une adresse supplémentaire la garde dans le champ d’auteur (SendFromAliasEnabled)
settings-alias-hint = Sinon, l’adresse principale prend sa place.
settings-command = La même chose en ligne de commande
settings-setup = Les cinq étapes du premier démarrage

## Passkeys

passkey-title = Clés d’accès
passkey-hint = Une clé d’accès sur un téléphone, un ordinateur ou une clé de sécurité connecte à elle seule : l’appareil vous reconnaît lui-même, et elle ne vaut que pour ce site. Le script de cette page est nécessaire pour en ajouter une.
passkey-name = Nom (par exemple : mon téléphone)
passkey-add = Ajouter une clé d’accès
passkey-sign-in = Se connecter avec une clé d’accès
passkey-not-here = Les clés d’accès ne fonctionnent que sous le nom du serveur : ouvrez ce site sous ce nom.
passkey-wrong = Cette clé d’accès n’ouvre aucun compte ici.
passkey-unusable = La réponse de l’appareil est inutilisable. Réessayez, ou prenez-en un autre.
passkey-known = Cet appareil est déjà enregistré.
passkey-too-many = Le nombre maximal de clés d’accès est atteint : retirez-en une d’abord.
