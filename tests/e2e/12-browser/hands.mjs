// Ways to use the pages that are not a mouse and a modern browser: the keyboard alone, and no
// scripts at all.
import assert from 'node:assert/strict';
import { address, origin, password, press, signInOn, text } from './browser.mjs';
import { delegationOf, folderOf } from './journeys.mjs';
import { Smtp } from './wire.mjs';

// What has the focus: what it is, and whether that can be seen.
const focused = (page) =>
    page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const isShown = box.width > 0 && box.bottom > 0 && box.right > 0 && box.left < innerWidth;
        // The parts of a date are marked one by one by the browser itself.
        const isDate = element.type === 'date';
        const isMarked =
            isDate || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
        const what = `${element.tagName} ${element.id} ${element.textContent.trim().slice(0, 40)}`;
        return { what, isVisible: isShown && isMarked, isBody: element === document.body };
    });

// Goes with Tab from the top to the end: every stop is seen, and no page is a trap.
async function tabThrough(page, stopsMax = 120) {
    await page.evaluate(() => document.activeElement?.blur?.());
    const stops = [];
    for (let count = 0; count < stopsMax; count += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement.tagName === 'IFRAME')) continue;
        const stop = await focused(page);
        if (stop.isBody) return stops;
        assert.ok(stop.isVisible, `${page.url()}: the focus is not seen on ${stop.what}`);
        stops.push(stop.what);
    }
    return stops;
}

export async function keyboard(site) {
    const page = await site.stranger();
    await page.goto(`${origin}/sign-in`);
    await page.keyboard.type(address('marie.durand'));
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    const loaded = page.waitForEvent('load');
    await page.keyboard.press('Enter');
    await loaded;
    assert.equal(new URL(page.url()).pathname, '/');
    await page.keyboard.press('Tab');
    assert.match((await focused(page)).what, /^A {2}Skip to/);
    await page.keyboard.press('Enter');
    assert.ok(page.url().endsWith('#content'));
    await page.keyboard.press('Tab');
    const first = await page.evaluate(() => document.activeElement.closest('main') !== null);
    assert.ok(first, 'the skip link leads into the content');
    for (const path of [
        '/',
        '/compose',
        '/account',
        '/account/security',
        '/requests',
        '/admin/groups',
    ]) {
        await page.goto(origin + path);
        assert.ok((await tabThrough(page)).length > 5, path);
    }
    await delegationOf(page, 'Support');
    const stops = await tabThrough(page);
    assert.ok(
        stops.some((stop) => stop.startsWith('INPUT trustee')),
        stops.join(),
    );
}

export async function withoutScripts(site) {
    const page = await site.stranger({ javaScriptEnabled: false });
    await page.goto(`${origin}/compose`);
    await signInOn(page, 'jean.dupont');
    const subject = `By hand ${Date.now()}`;
    await page.fill('#to', address('marie.durand'));
    await page.fill('#subject', subject);
    await page.fill('#body', 'Plain words.');
    await press(page, 'button[name=action][value=send]');
    await press(page, '.notice form[action="/compose/undo"] button');
    assert.equal(await page.inputValue('#subject'), subject, 'it was taken back');
    await page.fill('#body', 'Other words.');
    await press(page, '.toolbar button[value=save]');
    await press(page, 'button[form=discard], form[action="/compose/discard"] button');
    await folderOf(page, 'Support', 0);
    await page.fill('#q', 'nothing has this word');
    await press(page, 'form[role=search] button');
    assert.equal(await page.locator('.mail-list').count(), 0);
    await press(page, 'form[action="/language"] button');
    assert.equal(await page.getAttribute('html', 'lang'), 'fr');
    await press(page, 'form[action="/language"] button');
    const marie = await site.stranger({ javaScriptEnabled: false });
    await marie.goto(`${origin}/admin`);
    await signInOn(marie, 'marie.durand');
    await delegationOf(marie, 'Support');
    const smtp = await Smtp.submission('jean.dupont');
    const message = 'From: support@contoso.com\nSubject: By hand\n\nHello.\n';
    await marie.fill('#trustee', address('jean.dupont'));
    await press(marie, 'form[action$="/grant"] button.primary');
    assert.match(await smtp.send('customer@fabrikam.com', message), /^250/);
    await press(marie, '.notice form[action$="/revoke"] button');
    assert.match(await smtp.send('customer@fabrikam.com', message), /^550/);
    smtp.close();
    await press(marie, 'form[action="/sign-out"] button');
    await marie.goto(`${origin}/account`);
    assert.match(await text(marie), /Sign in/);
}
