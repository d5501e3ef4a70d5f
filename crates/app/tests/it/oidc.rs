//! Signing in at a provider of OpenID Connect: whom its word means, and which word is none.

mod provider;
mod tokens;

use app::App;
use app::access::{Actor, Scopes};
use app::command::{Command, CommandError, Order};
use app::oidc::{
    Arrival, FAILURE_PAUSE_SECS, KEYS_PAUSE_SECS, ProviderRefusal, ProviderSettings, Return,
    SecondFactorBy, VISIT_MAX_SECS,
};
use app::second_factor::{PasswordAccepted, SecondFactorState};
use app::{SignedIn, totp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{RecipientId, Timestamp};
use serde_json::{Value, json};

use crate::office::{NOW, Office, PEER};
use provider::{Away, CALLBACK, CLIENT, ISSUER, Key, Provider, app, settings, with};

const JEAN: &str = "jean.dupont@contoso.com";

/// Contoso with a provider that signs by P-256.
struct Site {
    office: Office,
    provider: Provider,
    key: Key,
    app: App,
}

impl Site {
    async fn open() -> Site {
        Site::with(settings()).await
    }

    async fn with(settings: ProviderSettings) -> Site {
        let office = Office::contoso().await;
        let key = Key::p256();
        let provider = Provider::with_key(&key);
        let app = app(&office, &provider, settings).await;
        Site { office, provider, key, app }
    }

    async fn arrive(&self, away: &Away, back: &Return) -> Result<Arrival, ProviderRefusal> {
        self.app.arrive_from_provider(&away.token, back, PEER, NOW).await
    }

    /// One whole sign-in, of which the provider says these claims.
    async fn sign_in(
        &self,
        change: impl FnOnce(Value) -> Value,
    ) -> Result<Arrival, ProviderRefusal> {
        let away = Away::from(&self.app, NOW).await;
        self.provider.give(&self.key.sign("k1", &change(away.claims())));
        self.arrive(&away, &away.back()).await
    }

    async fn account(&self, name: &str, value: Value) -> Result<RecipientId, ProviderRefusal> {
        let arrival = self.sign_in(|claims| with(claims, name, value)).await?;
        match arrival.accepted {
            PasswordAccepted::SignedIn(signed_in) => Ok(signed_in.account),
            PasswordAccepted::SecondFactorOwed(_) => panic!("nothing more is owed"),
        }
    }

    async fn run(&self, command: Command) -> Result<(), CommandError> {
        let actor = Actor::LocalAdministrator;
        self.app.command(&actor, &Order::new(command), NOW).await.map(|_| ())
    }
}

#[tokio::test]
async fn the_verified_address_links_once_and_the_subject_counts_from_then_on() {
    let site = Site::open().await;
    let jean = site.office.find(JEAN).id;
    let arrival = site.sign_in(|claims| claims).await.unwrap();
    assert_eq!(arrival.next_path, "/account");
    let PasswordAccepted::SignedIn(SignedIn { account, .. }) = arrival.accepted else { panic!() };
    assert_eq!(account, jean);
    let linked = site.app.linked_identities(jean).await.unwrap();
    assert_eq!((linked.len(), linked[0].subject.as_str()), (1, "subject-of-jean"));
    let record = site.office.audit().await.pop().unwrap();
    assert_eq!((record.operation.as_str(), record.actor.as_str()), ("New-LinkedIdentity", JEAN));

    // Marie's address says nothing any more, and neither does an unverified one.
    let marie = json!("marie.durand@contoso.com");
    assert_eq!(site.account("email", marie).await.unwrap(), jean);
    assert_eq!(site.account("email_verified", json!(false)).await.unwrap(), jean);
    assert_eq!(site.app.linked_identities(jean).await.unwrap()[0].address, JEAN);
    // Somebody else has got Jean's address at the provider.
    let other = site.account("sub", json!("another")).await.unwrap_err();
    assert!(matches!(&other, ProviderRefusal::LinkedOtherwise(login) if login == JEAN), "{other}");
}

#[tokio::test]
async fn only_an_enabled_user_of_ours_with_a_verified_address_is_meant() {
    let site = Site::open().await;
    let unverified = [Value::Null, json!(false), json!("false"), json!(1), json!("True")];
    for value in unverified {
        let refusal = site.account("email_verified", value.clone()).await.unwrap_err();
        assert!(matches!(refusal, ProviderRefusal::AddressUnverified), "{value}: {refusal}");
        site.app.clear_sign_in_throttle(&PEER.to_string());
    }
    let nobody = site.account("email", Value::Null).await.unwrap_err();
    assert!(matches!(nobody, ProviderRefusal::AddressUnverified), "{nobody}");
    let strangers = [
        "support@contoso.com",
        "aide@contoso.com",
        "facturation@contoso.com",
        "general.support@contoso.com",
        "customer@fabrikam.com",
        "nobody@contoso.com",
        "jean.dupont@fabrikam.com",
        "Jean <jean.dupont@contoso.com>",
        "",
    ];
    for address in strangers {
        site.app.clear_sign_in_throttle(&PEER.to_string());
        let refusal = site.account("email", json!(address)).await.unwrap_err();
        assert!(matches!(refusal, ProviderRefusal::NoUser(_)), "{address}: {refusal}");
    }
    site.app.clear_sign_in_throttle(&PEER.to_string());
    let jean = site.office.find(JEAN).id;
    assert_eq!(site.account("email", json!("JEAN.dupont@Contoso.com")).await.unwrap(), jean);
    let disable = app::command::RecipientChanges { is_disabled: Some(true), ..Default::default() };
    let disable = Command::Set { identity: JEAN.into(), changes: Box::new(disable) };
    site.run(disable).await.unwrap();
    let refusal = site.account("email", json!(JEAN)).await.unwrap_err();
    assert!(matches!(refusal, ProviderRefusal::NoUser(_)), "disabled: {refusal}");
    let created = site.office.audit().await;
    assert!(!created.iter().any(|record| record.object.contains("nobody@")), "nobody is created");
}

#[tokio::test]
async fn another_claim_and_fewer_domains_where_the_operator_says_so() {
    let domains = vec!["fabrikam.com".to_owned()];
    let site = Site::with(ProviderSettings { domains, ..settings() }).await;
    let refusal = site.account("email", json!(JEAN)).await.unwrap_err();
    assert!(matches!(refusal, ProviderRefusal::NoUser(_)), "{refusal}");
    let address_claim = "upn".to_owned();
    let domains = vec!["Contoso.com".to_owned()];
    let site = Site::with(ProviderSettings { domains, address_claim, ..settings() }).await;
    let refusal = site.account("email", json!(JEAN)).await.unwrap_err();
    assert!(matches!(refusal, ProviderRefusal::AddressUnverified), "{refusal}");
    let jean = site.office.find(JEAN).id;
    assert_eq!(site.account("upn", json!(JEAN)).await.unwrap(), jean);
}

#[tokio::test]
async fn an_answer_counts_in_the_browser_that_asked_once_and_in_time() {
    let site = Site::open().await;
    let away = Away::from(&site.app, NOW).await;
    site.provider.give(&site.key.sign("k1", &away.claims()));
    let other = Away::from(&site.app, NOW).await;
    let not_begun = |tried: Result<Arrival, ProviderRefusal>| {
        assert!(matches!(tried, Err(ProviderRefusal::NotBegun)), "{tried:?}");
    };
    not_begun(site.arrive(&away, &other.back()).await);
    not_begun(site.arrive(&away, &Return { state: None, ..away.back() }).await);
    not_begun(site.app.arrive_from_provider("", &away.back(), PEER, NOW).await);
    let late = NOW.plus_secs(VISIT_MAX_SECS);
    not_begun(site.app.arrive_from_provider(&away.token, &away.back(), PEER, late).await);
    assert_eq!(site.provider.asked_for("/token"), 0, "no code was shown to anybody");
    site.arrive(&away, &away.back()).await.unwrap();
    not_begun(site.arrive(&away, &away.back()).await);
    // The token of one sign-in is none of another.
    let refusal = site.arrive(&other, &other.back()).await.unwrap_err();
    assert!(refusal.to_string().contains("another sign-in"), "{refusal}");
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused_before_its_code_is_used() {
    for (announced, issuer, is_taken) in [
        (false, None, true),
        (false, Some("https://evil.example"), false),
        (true, None, false),
        (true, Some("https://evil.example"), false),
        (true, Some("https://login.example/"), false),
        (true, Some(ISSUER), true),
    ] {
        let site = Site::open().await;
        let name = "authorization_response_iss_parameter_supported";
        site.provider.0.lock().unwrap().metadata[name] = json!(announced);
        let away = Away::from(&site.app, NOW).await;
        site.provider.give(&site.key.sign("k1", &away.claims()));
        let back = Return { issuer: issuer.map(str::to_owned), ..away.back() };
        let tried = site.arrive(&away, &back).await;
        assert_eq!(tried.is_ok(), is_taken, "{announced} {issuer:?} {tried:?}");
        assert_eq!(site.provider.asked_for("/token"), usize::from(is_taken), "{issuer:?}");
    }
}

#[tokio::test]
async fn the_code_is_exchanged_with_the_verifier_of_the_challenge() {
    let secret = || Some(app::command::Password("a b:c".into()));
    for (client_secret, methods) in [
        (None, None),
        (secret(), None),
        (secret(), Some(json!(["client_secret_post"]))),
        (secret(), Some(json!(["client_secret_post", "client_secret_basic"]))),
    ] {
        let is_form = methods == Some(json!(["client_secret_post"]));
        let site = Site::with(ProviderSettings { client_secret, ..settings() }).await;
        if let Some(methods) = methods {
            let mut script = site.provider.0.lock().unwrap();
            script.metadata["token_endpoint_auth_methods_supported"] = methods;
        }
        let away = Away::from(&site.app, NOW).await;
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("scope", "openid email"),
            ("redirect_uri", CALLBACK),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(away.value(name), value);
        }
        site.provider.give(&site.key.sign("k1", &away.claims()));
        site.arrive(&away, &away.back()).await.unwrap();
        let asked = site.provider.asked();
        let exchange = asked.iter().find(|asked| asked.url.ends_with("/token")).unwrap();
        let form = exchange.form.as_deref().unwrap();
        let verifier = form.split("code_verifier=").nth(1).unwrap().split('&').next().unwrap();
        let verifier = percent_encoding::percent_decode_str(verifier).decode_utf8().unwrap();
        let challenge = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        assert_eq!(away.value("code_challenge"), URL_SAFE_NO_PAD.encode(challenge.as_ref()));
        assert!(form.contains("code=the%20code"), "{form}");
        assert_eq!(form.contains("client_secret=a%20b%3Ac"), is_form, "{form}");
        let is_basic =
            site.app.identity_provider().unwrap().settings().client_secret.is_some() && !is_form;
        // guichet:a%20b%3Ac
        let basic = is_basic.then_some("Basic Z3VpY2hldDphJTIwYiUzQWM=");
        assert_eq!(exchange.authorization.as_deref(), basic);
    }
}

#[tokio::test]
async fn a_new_key_is_looked_for_once_in_a_while() {
    let site = Site::open().await;
    site.sign_in(|claims| claims).await.unwrap();
    assert_eq!(site.provider.asked_for("/keys"), 1);
    let new = Key::rsa();
    site.provider.0.lock().unwrap().keys = json!({ "keys": [new.jwk("k2"), site.key.jwk("k1")] });
    let later = |secs: i64| NOW.plus_secs(secs);
    for (at, key_id, is_taken, asked) in [
        (later(KEYS_PAUSE_SECS - 1), "k2", false, 1),
        (later(KEYS_PAUSE_SECS), "k2", true, 2),
        (later(KEYS_PAUSE_SECS), "k1", true, 2),
        (later(KEYS_PAUSE_SECS + 1), "made up", false, 2),
        (later(2 * KEYS_PAUSE_SECS), "made up", false, 3),
        (later(2 * KEYS_PAUSE_SECS + 1), "made up", false, 3),
    ] {
        let away = Away::from(&site.app, at).await;
        let key = if key_id == "k1" { &site.key } else { &new };
        site.provider.give(&key.sign(key_id, &away.claims()));
        let tried = site.app.arrive_from_provider(&away.token, &away.back(), PEER, at).await;
        assert_eq!(tried.is_ok(), is_taken, "{key_id} at {at:?}: {tried:?}");
        assert_eq!(site.provider.asked_for("/keys"), asked, "{key_id} at {at:?}");
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_left_alone_for_a_while() {
    let site = Site::open().await;
    site.provider.0.lock().unwrap().failing = Some(302);
    let depart = async |at: Timestamp| site.app.depart_to_provider("/", at).await;
    for at in [NOW, NOW.plus_secs(FAILURE_PAUSE_SECS - 1)] {
        let refusal = depart(at).await.unwrap_err();
        assert!(refusal.to_string().contains("status 302"), "{refusal}");
    }
    assert_eq!(site.provider.asked().len(), 1);
    site.provider.0.lock().unwrap().failing = None;
    depart(NOW.plus_secs(FAILURE_PAUSE_SECS)).await.unwrap();
}

#[tokio::test]
async fn what_the_provider_publishes_must_be_its_own_and_under_https() {
    for (name, value) in [
        ("issuer", json!("https://login.example/")),
        ("issuer", json!("https://evil.example")),
        ("authorization_endpoint", json!("http://login.example/authorize")),
        ("token_endpoint", json!("http://login.example/token")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("jwks_uri", Value::Null),
    ] {
        let site = Site::open().await;
        {
            let mut script = site.provider.0.lock().unwrap();
            script.metadata = with(script.metadata.clone(), name, value.clone());
        }
        let refusal = site.app.depart_to_provider("/", NOW).await.unwrap_err();
        assert!(matches!(refusal, ProviderRefusal::Unreachable(_)), "{name} {value}: {refusal}");
        assert_eq!(site.provider.asked().len(), 1, "{name} {value}");
    }
}

#[tokio::test]
async fn what_does_not_open_is_counted_and_a_change_of_mind_is_not() {
    let site = Site::open().await;
    for _ in 0..10 {
        let away = Away::from(&site.app, NOW).await;
        let back = Return { code: None, error: Some("access_denied".into()), ..away.back() };
        let refusal = site.arrive(&away, &back).await.unwrap_err();
        assert!(matches!(refusal, ProviderRefusal::Declined(_)), "{refusal}");
    }
    {
        let mut script = site.provider.0.lock().unwrap();
        script.token = json!({ "error": "invalid_grant" });
    }
    let mut tries = 0;
    loop {
        let away = Away::from(&site.app, NOW).await;
        match site.arrive(&away, &away.back()).await.unwrap_err() {
            ProviderRefusal::NotAccepted(why) => assert!(why.contains("invalid_grant"), "{why}"),
            ProviderRefusal::Throttled(_) => break,
            other => panic!("{other}"),
        }
        tries += 1;
    }
    assert_eq!(tries, 6, "five are free, and the sixth makes the next wait");
}

#[tokio::test]
async fn the_second_factor_is_asked_for_here_or_left_to_the_provider() {
    let site = Site::open().await;
    let jean = site.office.find(JEAN).id;
    site.app.offer_second_factor(jean, NOW).await.unwrap();
    let offered = site.app.second_factor(jean).await.unwrap();
    let SecondFactorState::Offered { secret, .. } = offered else { panic!("{offered:?}") };
    let confirm = |code| Command::ConfirmSecondFactor { user: jean, code };
    let actor = Actor::User { id: jean, scopes: Scopes::ALL };
    let code = totp::code(&crate::second_factor::decoded(&secret), totp::step_at(NOW));
    site.app.command(&actor, &Order::new(confirm(code)), NOW).await.unwrap();
    let arrival = site.sign_in(|claims| claims).await.unwrap();
    let PasswordAccepted::SecondFactorOwed(token) = arrival.accepted else {
        panic!("the code of this server is asked for")
    };
    let owed = site.app.pending_sign_in(&token, NOW).await.unwrap().unwrap();
    assert_eq!(owed.account, jean);

    let second_factor = SecondFactorBy::Provider;
    let trusting =
        app(&site.office, &site.provider, ProviderSettings { second_factor, ..settings() });
    let site = Site { app: trusting.await, ..site };
    let arrival = site.sign_in(|claims| claims).await.unwrap();
    assert!(matches!(arrival.accepted, PasswordAccepted::SignedIn(_)), "the provider's word does");
}

#[tokio::test]
async fn an_identity_is_taken_away_by_its_owner_or_an_administrator() {
    let site = Site::open().await;
    let arrival = site.sign_in(|claims| claims).await.unwrap();
    let PasswordAccepted::SignedIn(jean) = arrival.accepted else { panic!() };
    let linked = site.app.linked_identities(jean.account).await.unwrap();
    let remove = || Command::RemoveLinkedIdentity { user: jean.account, id: linked[0].id };
    let marie = site.office.find("marie.durand").id;
    let marie = Actor::User { id: marie, scopes: Scopes::ALL };
    assert!(site.app.command(&marie, &Order::new(remove()), NOW).await.is_err());
    let himself = Actor::User { id: jean.account, scopes: Scopes::ALL };
    site.app.command(&himself, &Order::new(remove()), NOW).await.unwrap();
    assert!(!site.app.is_still_signed_in(jean), "what it opened is shut");
    assert_eq!(site.app.linked_identities(jean.account).await.unwrap(), []);
    let record = site.office.audit().await.pop().unwrap();
    assert_eq!(record.operation, "Remove-LinkedIdentity");
    assert!(record.before.unwrap().contains("subject-of-jean"));
    // Another identity may take the place now; then a deletion ends that too.
    assert_eq!(site.account("sub", json!("another")).await.unwrap(), jean.account);
    site.run(Command::Remove(JEAN.into())).await.unwrap();
    assert_eq!(site.app.linked_identities(jean.account).await.unwrap(), []);
}
