// imapflow as a member: it enables IMAP4rev2, UTF8=ACCEPT and QRESYNC where it can.
import assert from 'node:assert/strict';
import { ImapFlow } from 'imapflow';

const base = Number(process.env.PORT_BASE);
const pass = process.env.PASSWORD;

async function connect(user, secure) {
    const client = new ImapFlow({
        host: '127.0.0.1',
        port: base + (secure ? 993 : 143),
        secure,
        tls: { rejectUnauthorized: false },
        auth: { user, pass },
        qresync: true,
        logger: false,
    });
    client.on('error', (error) => { throw error; });
    await client.connect();
    return client;
}

const text = (subject) =>
    `From: a@fabrikam.com\r\nSubject: ${subject}\r\n\r\nDéjà vu, sagt ${subject}.\r\n`;

async function use(client, other, folder, target) {
    const lock = await client.getMailboxLock(folder);
    const subject = `été in ${folder}`;
    const appended = await client.append(folder, text(subject), ['\\Seen'], new Date(0));
    assert.ok(appended.uid > 0);
    const found = await client.search({ subject }, { uid: true });
    assert.deepEqual(found, [appended.uid]);
    const asked = { envelope: true, flags: true, bodyStructure: true, source: true, internalDate: true };
    const row = await client.fetchOne(found[0], asked, { uid: true });
    assert.equal(row.source.toString(), text(subject));
    assert.equal(row.envelope.subject, subject);
    assert.equal(row.internalDate.getTime(), 0);
    assert.ok(row.flags.has('\\Seen') && row.bodyStructure.type === 'text/plain');
    const part = await client.download(String(found[0]), '1', { uid: true });
    let body = '';
    for await (const piece of part.content) body += piece;
    assert.ok(body.includes('sagt'), body);
    assert.ok(await client.messageFlagsAdd(found, ['\\Flagged', '$Label'], { uid: true }));
    assert.deepEqual(await client.search({ keyword: '$Label', body: 'deja' }, { uid: true }), found);

    const count = client.mailbox.exists;
    const heard = new Promise((resolve) => client.once('exists', resolve));
    // It idles by itself when nothing is asked of it; here it is told to.
    const idling = client.idle();
    await other.append(folder, text('while idling'), []);
    assert.equal((await heard).count, count + 1);
    const flagged = new Promise((resolve) => client.once('flags', resolve));
    const otherLock = await other.getMailboxLock(folder);
    await other.messageFlagsAdd(found, ['\\Answered'], { uid: true });
    otherLock.release();
    assert.ok((await flagged).flags.has('\\Answered'));

    const moved = await client.messageMove(found, target, { uid: true });
    await idling;
    assert.equal(moved.uidMap.size, 1);
    assert.deepEqual(await client.search({ subject }, { uid: true }), []);
    const gone = await client.search({ subject: 'while idling' }, { uid: true });
    assert.ok(await client.messageDelete(gone, { uid: true }));
    assert.equal(client.mailbox.exists, count - 1);
    lock.release();
}

const jean = await connect('jean.dupont@contoso.com', true);
const twin = await connect('jean.dupont@contoso.com', false);
const marie = await connect('marie.durand@contoso.com', false);
assert.ok(jean.enabled.has('QRESYNC') && jean.enabled.has('IMAP4REV2'));
const listed = await jean.list({ statusQuery: { messages: true, unseen: true } });
const uses = new Map(listed.map((folder) => [folder.path, folder.specialUse]));
for (const folder of ['Groups/Support', 'Shared/Facturation']) assert.ok(uses.has(folder), folder);
assert.equal(uses.get('INBOX'), '\\Inbox');
assert.equal(uses.get('Sent'), '\\Sent');
assert.ok((await jean.mailboxCreate('Été')).created);
await use(jean, twin, 'INBOX', 'Été');
await use(jean, marie, 'Groups/Support', 'Groups/Support/Archive');
await use(jean, twin, 'Shared/Facturation', 'Shared/Facturation/Archive');
assert.ok((await jean.getQuota('INBOX')).storage.limit > 0);
await Promise.all([jean, twin, marie].map((client) => client.logout()));
