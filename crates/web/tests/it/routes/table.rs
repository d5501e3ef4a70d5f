//! What everybody gets from each route, in the order of the columns: nobody, a stranger to the
//! team, a member of it, the auditor, the administrator, and its owner, whose mail and things the
//! paths name. The owner comes last: what the others were refused, she finds as it was.

/// One request, and its answers.
pub(super) struct Row {
    /// The route as the sources name it.
    pub(super) route: &'static str,
    pub(super) path: &'static str,
    /// What is posted; a request without it is a GET.
    pub(super) form: Option<&'static str>,
    /// Whether it ends the session that asks.
    pub(super) ends_session: bool,
    pub(super) expected: [u16; 6],
}

const fn get(route: &'static str, path: &'static str, expected: [u16; 6]) -> Row {
    Row { route, path, form: None, ends_session: false, expected }
}

const fn post(
    route: &'static str,
    path: &'static str,
    form: &'static str,
    expected: [u16; 6],
) -> Row {
    Row { route, path, form: Some(form), ends_session: false, expected }
}

/// Ends the session that asks.
const fn leave(route: &'static str, expected: [u16; 6]) -> Row {
    Row { route, path: route, form: Some(""), ends_session: true, expected }
}

pub(super) const ROWS: &[Row] = &[
    get("/", "/", [303, 200, 200, 200, 200, 200]),
    get("/account", "/account", [303, 200, 200, 200, 200, 200]),
    get("/account/security", "/account/security", [303, 200, 200, 200, 200, 200]),
    get("/account/programs", "/account/programs", [303, 200, 200, 200, 200, 200]),
    get("/account/second-factor", "/account/second-factor", [303, 303, 303, 303, 303, 303]),
    get("/requests", "/requests", [303, 200, 200, 200, 200, 200]),
    get("/admin", "/admin", [303, 303, 303, 303, 303, 303]),
    get("/admin/groups", "/admin/groups", [303, 403, 403, 200, 200, 200]),
    get("/admin/shared", "/admin/shared", [303, 403, 403, 200, 200, 200]),
    get("/admin/users", "/admin/users", [303, 403, 403, 200, 200, 403]),
    get("/admin/contacts", "/admin/contacts", [303, 403, 403, 200, 200, 403]),
    get("/admin/domains", "/admin/domains", [303, 403, 403, 200, 200, 403]),
    get("/admin/trace", "/admin/trace", [303, 403, 403, 200, 200, 403]),
    get("/admin/audit", "/admin/audit", [303, 403, 403, 200, 200, 403]),
    get("/admin/queue", "/admin/queue", [303, 403, 403, 200, 200, 403]),
    get("/admin/settings", "/admin/settings", [303, 403, 403, 200, 200, 403]),
    get("/setup", "/setup", [303, 303, 303, 303, 303, 303]),
    get("/setup/organization", "/setup/organization", [303, 403, 403, 403, 200, 403]),
    get("/setup/domain", "/setup/domain", [303, 403, 403, 403, 200, 403]),
    get("/setup/team", "/setup/team", [303, 403, 403, 403, 200, 403]),
    get("/setup/people", "/setup/people", [303, 403, 403, 403, 200, 403]),
    get("/setup/send", "/setup/send", [303, 403, 403, 403, 200, 403]),
    get("/sign-in", "/sign-in", [200, 303, 303, 303, 303, 303]),
    get("/sign-in/code", "/sign-in/code", [303, 303, 303, 303, 303, 303]),
    get("/compose", "/compose", [303, 200, 200, 200, 200, 200]),
    get("/compose", "/compose?draft={draft}", [303, 404, 404, 404, 404, 200]),
    get("/compose", "/compose?folder={folder}&reply={uid}", [303, 404, 404, 404, 404, 200]),
    get("/compose", "/compose?folder={team}&reply={teamuid}", [303, 404, 200, 404, 404, 200]),
    get("/mail/{folder}", "/mail/{folder}", [303, 404, 404, 404, 404, 200]),
    get("/mail/{folder}", "/mail/{team}", [303, 404, 200, 404, 404, 200]),
    get("/mail/{folder}/{uid}", "/mail/{folder}/{uid}", [303, 404, 404, 404, 404, 200]),
    get("/mail/{folder}/{uid}", "/mail/{team}/{teamuid}", [303, 404, 200, 404, 404, 200]),
    get("/mail/{folder}/{uid}/body", "/mail/{folder}/{uid}/body", [303, 404, 404, 404, 404, 200]),
    get("/mail/{folder}/{uid}/body", "/mail/{team}/{teamuid}/body", [303, 404, 200, 404, 404, 200]),
    get(
        "/mail/{folder}/{uid}/part/{section}",
        "/mail/{folder}/{uid}/part/2",
        [303, 404, 404, 404, 404, 200],
    ),
    get(
        "/mail/{folder}/{uid}/part/{section}",
        "/mail/{team}/{teamuid}/part/2",
        [303, 404, 200, 404, 404, 200],
    ),
    get(
        "/mail/{folder}/{uid}/original",
        "/mail/{folder}/{uid}/original",
        [303, 404, 404, 404, 404, 200],
    ),
    get(
        "/mail/{folder}/{uid}/original",
        "/mail/{team}/{teamuid}/original",
        [303, 404, 200, 404, 404, 200],
    ),
    get("/desk/{folder}/{uid}", "/desk/{team}/{teamuid}", [303, 404, 200, 404, 404, 200]),
    get("/desk/{folder}/{uid}", "/desk/{folder}/{uid}", [303, 404, 404, 404, 404, 404]),
    get("/requests/{id}", "/requests/{request}", [303, 404, 200, 200, 200, 200]),
    get("/why/{reference}", "/why/{reference}", [303, 404, 200, 200, 200, 200]),
    get("/admin/recipients/{guid}", "/admin/recipients/{group}", [303, 404, 404, 200, 200, 200]),
    get(
        "/admin/recipients/{guid}/delegation",
        "/admin/recipients/{group}/delegation",
        [303, 404, 404, 200, 200, 200],
    ),
    get("/admin/recipients/{guid}", "/admin/recipients/{shared}", [303, 404, 404, 200, 200, 404]),
    get(
        "/admin/recipients/{guid}/delegation",
        "/admin/recipients/{shared}/delegation",
        [303, 404, 404, 200, 200, 404],
    ),
    get("/admin/recipients/{guid}", "/admin/recipients/{user}", [303, 404, 404, 404, 404, 404]),
    get(
        "/admin/recipients/{guid}/delegation",
        "/admin/recipients/{user}/delegation",
        [303, 404, 404, 200, 200, 404],
    ),
    get(
        "/admin/recipients/{guid}/convert",
        "/admin/recipients/{plain}/convert",
        [303, 404, 404, 403, 200, 404],
    ),
    get("/admin/new/{kind}", "/admin/new/group", [303, 403, 403, 403, 200, 403]),
    get("/admin/new/{kind}", "/admin/new/shared", [303, 403, 403, 403, 200, 403]),
    get("/admin/new/{kind}", "/admin/new/contact", [303, 403, 403, 403, 200, 403]),
    get("/admin/users/{guid}", "/admin/users/{user}", [303, 404, 404, 200, 200, 404]),
    get("/admin/users/{guid}", "/admin/users/{group}", [303, 404, 404, 404, 404, 404]),
    get("/admin/domains/{name}", "/admin/domains/contoso.com", [303, 403, 403, 200, 200, 403]),
    get("/admin/trace/{id}", "/admin/trace/{trace}", [303, 403, 403, 200, 200, 403]),
    get("/admin/suggest", "/admin/suggest?trustee=a", [303, 403, 403, 200, 200, 200]),
    get("/first-run/{token}", "/first-run/0", [404, 404, 404, 404, 404, 404]),
    get("/assets/{fingerprint}/{name}", "/assets/0/guichet.css", [404, 404, 404, 404, 404, 404]),
    post("/language", "/language", "language=en&next=/", [303, 303, 303, 303, 303, 303]),
    post(
        "/sign-in",
        "/sign-in",
        "login=nobody%40contoso.com&password=x",
        [401, 401, 401, 401, 401, 401],
    ),
    post("/sign-in/code", "/sign-in/code", "code=000000", [303, 303, 303, 303, 303, 303]),
    post("/sign-in/passkey/begin", "/sign-in/passkey/begin", "", [200, 200, 200, 200, 200, 200]),
    post(
        "/sign-in/passkey",
        "/sign-in/passkey",
        "id=AA&client_data=AA&authenticator_data=AA&signature=AA",
        [401, 401, 401, 401, 401, 401],
    ),
    post(
        "/first-run/{token}",
        "/first-run/0",
        "new=another+password&again=another+password",
        [404, 404, 404, 404, 404, 404],
    ),
    post("/mail/{folder}", "/mail/{folder}", "uid={uid}&what=flag", [401, 404, 404, 404, 404, 303]),
    post(
        "/mail/{folder}",
        "/mail/{team}",
        "uid={teamuid}&what=flag",
        [401, 404, 303, 404, 404, 303],
    ),
    post(
        "/compose",
        "/compose",
        "--form\r\nContent-Disposition: form-data; name=\"subject\"\r\n\r\nx\r\n--form\r\nContent-Disposition: form-data; name=\"forwards\"\r\n\r\n{folder}/{uid}\r\n--form\r\nContent-Disposition: form-data; name=\"keep\"\r\n\r\n2\r\n--form--\r\n",
        [401, 404, 404, 404, 404, 303],
    ),
    post("/compose/undo", "/compose/undo", "draft={draft}", [401, 409, 409, 409, 409, 409]),
    post("/compose/discard", "/compose/discard", "draft={draft}", [401, 303, 303, 303, 303, 303]),
    post("/ask", "/ask", "folder={folder}&uid={uid}", [401, 404, 404, 404, 404, 422]),
    post("/ask", "/ask", "reference={reference}", [401, 404, 303, 404, 404, 404]),
    post(
        "/desk/{folder}/{uid}",
        "/desk/{team}/{teamuid}",
        "what=note&words=%3Cxss+a%3E",
        [401, 404, 303, 404, 404, 303],
    ),
    post(
        "/requests/{id}",
        "/requests/{request}",
        "what=decline&words=no",
        [401, 404, 403, 403, 303, 409],
    ),
    post(
        "/admin/recipients/{guid}/grant",
        "/admin/recipients/{group}/grant",
        "trustee=jean.dupont%40contoso.com&right=send-as&reason=%3Cxss+a%3E",
        [401, 404, 404, 403, 303, 303],
    ),
    post(
        "/admin/recipients/{guid}/grant",
        "/admin/recipients/{shared}/grant",
        "trustee=jean.dupont%40contoso.com&right=full-access",
        [401, 404, 404, 403, 303, 404],
    ),
    post(
        "/admin/recipients/{guid}/revoke",
        "/admin/recipients/{group}/revoke",
        "trustee=jean.dupont%40contoso.com&right=send-as",
        [401, 404, 404, 403, 303, 303],
    ),
    post(
        "/admin/recipients/{guid}",
        "/admin/recipients/{group}",
        "what=name&value=Support&notes=x",
        [401, 404, 404, 403, 303, 303],
    ),
    post(
        "/admin/recipients/{guid}",
        "/admin/recipients/{shared}",
        "what=name&value=Billing&notes=x",
        [401, 404, 404, 403, 303, 404],
    ),
    post(
        "/admin/recipients/{guid}",
        "/admin/recipients/{group}",
        "what=add-address&value=other%40contoso.com",
        [401, 404, 404, 403, 303, 403],
    ),
    post(
        "/admin/recipients/{guid}",
        "/admin/recipients/{plain}",
        "what=convert",
        [401, 404, 404, 403, 303, 404],
    ),
    post(
        "/admin/new/{kind}",
        "/admin/new/contact",
        "name=New&address=new%40fabrikam.com",
        [401, 403, 403, 403, 303, 403],
    ),
    post(
        "/admin/users",
        "/admin/users",
        "name=New&address=new.user%40contoso.com&password=another+password&role=administrator",
        [401, 403, 403, 403, 303, 403],
    ),
    post(
        "/admin/users/{guid}",
        "/admin/users/{user}",
        "what=rename&value=Jean",
        [401, 404, 404, 403, 303, 404],
    ),
    post(
        "/admin/users/{guid}",
        "/admin/users/{user}",
        "what=role&value=administrator",
        [401, 404, 404, 403, 303, 404],
    ),
    post(
        "/admin/contacts/{guid}",
        "/admin/contacts/{contact}",
        "what=delete",
        [401, 404, 404, 403, 303, 404],
    ),
    post("/admin/domains", "/admin/domains", "name=extra.example", [401, 403, 403, 403, 303, 403]),
    post(
        "/admin/domains/{name}",
        "/admin/domains/extra.example",
        "what=delete",
        [401, 403, 403, 403, 303, 403],
    ),
    post("/admin/queue/{id}", "/admin/queue/{entry}", "what=hold", [401, 403, 403, 403, 303, 403]),
    post("/admin/settings", "/admin/settings", "name=Contoso", [401, 403, 403, 403, 303, 403]),
    post(
        "/setup/organization",
        "/setup/organization",
        "name=Contoso",
        [401, 403, 403, 403, 303, 403],
    ),
    post(
        "/setup/team",
        "/setup/team",
        "name=Help&address=help%40contoso.com",
        [401, 403, 403, 403, 303, 403],
    ),
    post(
        "/setup/people",
        "/setup/people",
        "name=New&address=newest%40contoso.com&password=another+password",
        [401, 403, 403, 403, 303, 403],
    ),
    post(
        "/setup/send/now",
        "/setup/send/now",
        "team=help%40contoso.com",
        [401, 403, 403, 403, 303, 403],
    ),
    post(
        "/account/sessions/end",
        "/account/sessions/end",
        "id={session}",
        [401, 303, 303, 303, 303, 303],
    ),
    post(
        "/account/app-passwords",
        "/account/app-passwords",
        "name=x&password=wrong",
        [401, 422, 422, 422, 422, 422],
    ),
    post(
        "/account/app-passwords/remove",
        "/account/app-passwords/remove",
        "id={password}",
        [401, 404, 404, 404, 404, 303],
    ),
    post(
        "/account/tokens",
        "/account/tokens",
        "name=x&password=correct+horse&read=1",
        [401, 200, 200, 200, 200, 200],
    ),
    post(
        "/account/tokens/revoke",
        "/account/tokens/revoke",
        "id={token}",
        [401, 404, 404, 404, 404, 303],
    ),
    post(
        "/account/password",
        "/account/password",
        "current=correct+horse&new=another+password&again=other+password",
        [401, 422, 422, 422, 422, 422],
    ),
    post(
        "/account/second-factor/begin",
        "/account/second-factor/begin",
        "password=correct+horse",
        [401, 303, 303, 303, 303, 303],
    ),
    post(
        "/account/second-factor/confirm",
        "/account/second-factor/confirm",
        "code=000000",
        [401, 422, 422, 422, 422, 422],
    ),
    post(
        "/account/second-factor/codes",
        "/account/second-factor/codes",
        "password=correct+horse",
        [401, 422, 422, 422, 422, 422],
    ),
    post(
        "/account/second-factor/remove",
        "/account/second-factor/remove",
        "password=correct+horse",
        [401, 303, 303, 303, 303, 303],
    ),
    post(
        "/account/passkeys/begin",
        "/account/passkeys/begin",
        "password=correct+horse",
        [401, 200, 200, 200, 200, 200],
    ),
    post(
        "/account/passkeys",
        "/account/passkeys",
        "name=x&client_data=AA&attestation_object=AA",
        [401, 422, 422, 422, 422, 422],
    ),
    post(
        "/account/passkeys/remove",
        "/account/passkeys/remove",
        "id=1",
        [401, 404, 404, 404, 404, 404],
    ),
    leave("/sign-out", [401, 303, 303, 303, 303, 303]),
    leave("/account/sessions/end-all", [401, 303, 303, 303, 303, 303]),
];
