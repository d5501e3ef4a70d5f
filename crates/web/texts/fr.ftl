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
