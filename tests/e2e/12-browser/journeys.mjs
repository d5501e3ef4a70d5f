// What people come for: to sign in; to say who may send as the team, seen at once by programs that
// are connected; to be refused, ask, be granted and have the message leave; to make a shared
// mailbox of a group.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { address, origin, press, signInOn, text, until } from './browser.mjs';
import { Imap, Smtp } from './wire.mjs';

const here = (page) => new URL(page.url()).pathname;

export async function signIn(site) {
    const page = await site.stranger();
    await page.goto(`${origin}/admin/groups?q=sup`);
    assert.equal(here(page), '/sign-in');
    await site.expecting(/401/, () => signInOn(page, 'marie.durand', 'wrong'));
    assert.ok(await page.locator('[role=alert]').first().isVisible());
    assert.equal(await page.inputValue('#login'), address('marie.durand'));
    const before = await page.context().cookies();
    await signInOn(page, 'marie.durand');
    assert.ok(page.url().endsWith('/admin/groups?q=sup'), page.url());
    const [cookie] = await page.context().cookies();
    assert.ok(cookie.httpOnly && cookie.sameSite === 'Lax');
    assert.ok(before.every((earlier) => earlier.value !== cookie.value));
    assert.equal(await page.evaluate(() => document.cookie), '');
    await press(page, 'form[action="/sign-out"] button');
    assert.equal(here(page), '/sign-in');
    await page.goBack();
    await page.waitForLoadState();
    assert.equal(here(page), '/sign-in', 'the page before is not shown again');
}

export async function delegationOf(page, name) {
    await page.goto(`${origin}/admin/groups`);
    const row = page.locator('#list a', { hasText: name }).first();
    await press(page, row);
    const tab = page.locator('nav.tabs a[href$="/delegation"]');
    if (!page.url().includes('/delegation')) await press(page, tab);
}

const message = (subject) =>
    `From: Support <support@contoso.com>\nTo: customer@fabrikam.com\nSubject: ${subject}\n\nHello.\n`;

const tryIt = (smtp) => smtp.send('customer@fabrikam.com', message('As the team'));

async function expectHeld(smtp, imap, isHeld) {
    const reply = await tryIt(smtp);
    assert.match(reply, isHeld ? /^250/ : /^550[ -]5\.7\.131/);
    if (!isHeld) assert.ok(reply.includes('SendAsDenied'), reply);
    assert.equal(await imap.maySendFrom('Groups/Support'), isHeld);
}

async function grantByForm(page, login, right) {
    await page.fill('#trustee', login.slice(0, 4));
    const suggestion = page.locator(`#people option[value="${address(login)}"]`);
    await suggestion.waitFor({ state: 'attached' });
    await page.fill('#trustee', address(login));
    await page.selectOption('#right', right);
    await page.fill('#reason', 'Holidays');
    await press(page, 'form[action$="/grant"] button.primary');
}

export async function delegate(site) {
    const smtp = await Smtp.submission('jean.dupont');
    const imap = await Imap.open('jean.dupont');
    await expectHeld(smtp, imap, false);
    const marie = await site.person('marie.durand');
    await delegationOf(marie, 'Support');
    await grantByForm(marie, 'jean.dupont', 'send-as');
    await expectHeld(smtp, imap, true);
    const row = marie.locator('tbody tr', { hasText: address('jean.dupont') });
    assert.match(await row.innerText(), /Holidays/);
    await press(marie, row.locator('form[action$="/revoke"] button'));
    await expectHeld(smtp, imap, false);
    await press(marie, '.notice form[action$="/grant"] button');
    await expectHeld(smtp, imap, true);
    await press(marie, '.notice form[action$="/revoke"] button');
    await expectHeld(smtp, imap, false);
    const auditor = await site.person('auditor');
    await delegationOf(auditor, 'Support');
    assert.equal(
        await auditor.locator('form[action$="/grant"], form[action$="/revoke"]').count(),
        0,
    );
    smtp.close();
    imap.close();
}

// What the outside received under this subject.
async function received(subject) {
    const folder = join(process.env.DIR, 'outside');
    for (const name of await readdir(folder)) {
        const content = await readFile(join(folder, name), 'utf8');
        if (content.includes(`Subject: ${subject}`)) return content;
    }
    return undefined;
}

export async function folderOf(page, mailbox, number) {
    const list = page
        .locator('.mail-rail h2', { hasText: mailbox })
        .locator('xpath=following::ul[1]');
    await press(page, list.locator('a').nth(number));
}

async function setRight(marie, login, isWanted) {
    await delegationOf(marie, 'Support');
    const row = marie.locator('tbody tr', { hasText: address(login) });
    const revoke = row.locator('form[action$="/revoke"] button');
    if (isWanted) await grantByForm(marie, login, 'send-as');
    else await press(marie, revoke);
}

export async function refuse(site) {
    const subject = `Broken printer ${Date.now()}`;
    const marie = await site.person('marie.durand');
    const jean = await site.person('jean.dupont');
    await setRight(marie, 'jean.dupont', true);
    await jean.goto(`${origin}/`);
    await folderOf(jean, 'Support', 0);
    await press(jean, '.mail-rail a.button');
    assert.ok(await jean.locator('input[name=from][value="support@contoso.com"]').isChecked());
    assert.match(await text(jean, '.picker'), /Recipients see Support/);
    await jean.fill('#to', 'customer@fabrikam.com');
    await jean.fill('#subject', subject);
    await jean.fill('#body', 'We look **today**.');
    // The right ends while the message is written.
    await setRight(marie, 'jean.dupont', false);
    await press(jean, 'button[name=action][value=send]');
    assert.equal(await jean.inputValue('#subject'), subject, 'the message is kept');
    const refusal = await text(jean, '[role=alert]');
    assert.match(refusal, /marie\.durand@contoso\.com/);
    const ask = 'form[action="/ask"] button, button[formaction="/ask"]';
    await press(jean, jean.locator('[role=alert]').locator(ask));
    assert.match(here(jean), /^\/requests\/\d+$/);
    await grantAndSee(site, { marie, jean, subject });
    await askBeforeSending(jean);
}

// The picker shows the address that may not be used, why, and whom to ask.
async function askBeforeSending(jean) {
    await jean.goto(`${origin}/`);
    await folderOf(jean, 'Support', 0);
    await press(jean, '.mail-rail a.button');
    await jean.fill('#to', 'customer@fabrikam.com');
    await jean.fill('#subject', 'Asked first');
    const refused = jean.locator('.picker details.refused');
    if ((await refused.getAttribute('open')) === null) await refused.locator('summary').click();
    assert.ok(await refused.locator('input[value="support@contoso.com"]').isDisabled());
    await press(jean, refused.locator('button[value="ask:support@contoso.com"]'));
    assert.match(here(jean), /^\/requests\/\d+$/);
    await press(jean, 'button[value=withdraw]');
}

async function grantAndSee(site, { marie, jean, subject }) {
    const request = here(jean);
    const paul = await site.person('paul.bernard');
    await site.expecting(/404/, () => paul.goto(origin + request));
    assert.ok(!(await text(paul, 'body')).includes(subject), 'nobody else sees it');
    await marie.goto(`${origin}/`);
    await press(
        marie,
        marie.locator('.mail-list td.what a', { hasText: /Jean Dupont|send/ }).first(),
    );
    await marie.goto(`${origin}/requests`);
    await press(marie, marie.locator(`main a[href="${request}"]`));
    assert.match(await text(marie), new RegExp(subject));
    assert.equal(await received(subject), undefined, 'looking decides nothing');
    await marie.fill('#words', 'Go ahead.');
    await press(marie, 'button[name=what][value=grant]');
    const sent = await until('the message leaves', () => received(subject));
    const header = sent.split(/\r?\n\r?\n/)[0];
    assert.match(header, /^From: Support <support@contoso\.com>/m);
    assert.ok(!/^Sender:/m.test(header) && !/jean/i.test(header), header);
    for (const [box, number] of [
        ['Support', 1],
        ['My mail', 2],
    ]) {
        await jean.goto(`${origin}/`);
        await folderOf(jean, box, number);
        assert.ok((await text(jean)).includes(subject), `the copy is in Sent of ${box}`);
    }
    await jean.goto(origin + request);
    assert.match(await text(jean), /Go ahead\./);
    const smtp = await Smtp.submission('jean.dupont');
    assert.match(await tryIt(smtp), /^550/, 'the right was for this message');
    smtp.close();
}

export async function convert(site) {
    const admin = await site.person('admin');
    await admin.goto(`${origin}/admin/new/group`);
    await admin.fill('#name', 'Sales');
    await admin.fill('#address', 'sales@contoso.com');
    await admin.fill('#owners', 'marie.durand');
    await admin.fill('#members', 'jean.dupont');
    await admin.uncheck('input[name=team]');
    await press(admin, 'form[action="/admin/new/group"] button.primary');
    const [smtp, imap] = [await Smtp.submission('jean.dupont'), await Imap.open('jean.dupont')];
    const write = (subject) =>
        smtp.send('sales@contoso.com', `From: ${smtp.from}\nSubject: ${subject}\n\n.\n`);
    assert.match(await write('Before'), /^250/);
    assert.ok((await imap.folders()).includes('Groups/Sales'));
    await admin.goto(`${origin}/admin/groups?q=sales`);
    await press(admin, '#list a');
    await press(admin, 'nav.tabs a:not([href$="/delegation"]):not([aria-current])');
    await press(admin, 'a[href$="/convert"]');
    assert.match(await text(admin), /sales@contoso\.com/);
    await press(admin, 'button[value=convert]');
    const folders = await imap.folders();
    assert.ok(
        folders.includes('Shared/Sales') && !folders.includes('Groups/Sales'),
        folders.join(),
    );
    assert.match(await write('After'), /^250/);
    const [status] = await imap.ask('STATUS "Shared/Sales" (MESSAGES)');
    assert.match(status, /MESSAGES 2\)/);
    await admin.goto(`${origin}/admin/shared`);
    assert.match(await text(admin), /sales@contoso\.com/);
    await admin.goto(`${origin}/admin/groups`);
    assert.doesNotMatch(await text(admin), /sales@contoso\.com/);
    smtp.close();
    imap.close();
}
