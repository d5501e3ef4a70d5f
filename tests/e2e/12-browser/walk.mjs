// Every page that a link leads to, as each kind of person: it opens without a fault. Of each kind
// of page the first is looked at closely: both languages have all words, axe-core finds nothing
// serious in light and in dark, and nothing is wider than a phone. A page of the server that no
// walk comes to is a failure too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { origin, phone } from './browser.mjs';
import { Smtp } from './wire.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const web = join(process.env.REPOSITORY, 'crates/web');

// How many pages of one kind, such as messages, each person opens, and is led to by one page.
const ALIKE_MAX = 4;
const ALIKE_OF_ONE_MAX = 2;

const PEOPLE = ['admin', 'auditor', 'marie.durand', 'jean.dupont', 'paul.bernard'];

// Pages without a link, where a walk begins.
const STARTS = ['/offline', '/setup'];

// Pages that no walk can come to, and why.
const ELSEWHERE = new Map([
    ['/first-run/{token}', 'its link is printed by `guichet init` and opens once'],
    ['/sign-in/code', 'after the password, by who has a second factor'],
    ['/account/second-factor', 'after the own password'],
    ['/assets/{fingerprint}/{name}', 'files, not pages'],
    ['/desk/{folder}/{uid}', 'leads on to the message'],
    ['/account/device/profile', 'a file, where the server has a certificate'],
    ['/device/{token}', 'its link is made for a device and opens once'],
    ['/manifest.webmanifest', 'a file, not a page'],
    ['/worker.js', 'a file, not a page'],
    ['/admin/suggest', 'asked for while somebody types'],
    ['/device', 'begins at a device'],
]);

const withoutNumbers = (path) =>
    path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, '*').replace(/\/[0-9][\w.-]*/g, '/*');

function alike(url) {
    const keys = [...new Set(url.searchParams.keys())].sort();
    return withoutNumbers(url.pathname) + (keys.length > 0 ? `?${keys}` : '');
}

// Texts of a language by key, those without anything put in.
function textsOf(language) {
    const lines = readFileSync(join(web, `texts/${language}.ftl`), 'utf8').split('\n');
    const pairs = lines.map((line) => /^([a-z][\w-]*) = (.+)$/.exec(line)).filter(Boolean);
    return new Map(pairs.map(([, key, words]) => [key, words.trim()]));
}
const english = textsOf('en');
const french = textsOf('fr');
// A key with a dash in a page is one that has no text, unless it is a word of a command line.
const keys = [...english.keys()].filter((key) => key.split('-').length > 2);
const sentences = [...english]
    .filter(
        ([key, words]) =>
            words.split(' ').length > 3 && !words.includes('{') && french.get(key) !== words,
    )
    .map(([, words]) => words);

// The routes that answer to GET, as the sources name them.
function routes(folder = join(web, 'src/site')) {
    const found = [];
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) found.push(...routes(path));
        else
            for (const [, route] of readFileSync(path, 'utf8').matchAll(
                /\.route\(\s*"([^"]+)",\s*get\(/g,
            ))
                found.push(route);
    }
    return found;
}

async function violations(page, options) {
    await page.evaluate(axe);
    const found = await page.evaluate((how) => axe.run(document, how), {
        resultTypes: ['violations'],
        iframes: false,
        ...options,
    });
    const bad = found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    return bad.map(
        ({ id, nodes }) =>
            `${id}: ${nodes
                .map(
                    ({ html, failureSummary }) => `${html} ${failureSummary.replaceAll('\n', ' ')}`,
                )
                .slice(0, 3)
                .join(' | ')}`,
    );
}

const overflow = (page) =>
    page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return '';
        const wide = [...document.querySelectorAll('body *')].filter(
            (one) => one.getBoundingClientRect().right > width + 1,
        );
        return `${document.documentElement.scrollWidth} px, ${wide
            .slice(0, 3)
            .map((one) => one.outerHTML.slice(0, 120))
            .join(' | ')}`;
    });

async function inspect(page, say) {
    const light = await violations(page);
    if (light.length > 0) say(`axe: ${light.join('; ')}`);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await violations(page, { runOnly: ['color-contrast'] });
    if (dark.length > 0) say(`axe, dark: ${dark.join('; ')}`);
    await page.emulateMedia({ colorScheme: 'light' });
    const wide = page.viewportSize();
    await page.setViewportSize(phone);
    const over = await overflow(page);
    if (over !== '') say(`wider than a phone: ${over}`);
    await page.setViewportSize(wide);
}

function expectWords(language, words, say) {
    const lost = keys.filter((key) => new RegExp(`(^|[\\s>"])${key}([\\s<".,:]|$)`).test(words));
    if (lost.length > 0) say(`${language}: no text for ${lost}`);
    if (words.includes('{$') || words.includes('{ $')) say(`${language}: a value is not put in`);
    if (language !== 'fr') return;
    const foreign = sentences.filter((sentence) => words.includes(sentence));
    if (foreign.length > 0) say(`English in the French page: ${foreign.slice(0, 5).join(' | ')}`);
}

async function open(page, url, say) {
    const answer = await page.goto(url.href);
    if (!answer.ok()) say(`answers ${answer.status()}`);
    const { language, words } = await page.evaluate(() => {
        const { title, body, documentElement } = document;
        // What is kept in English, such as replies of other servers, is marked as that.
        if (documentElement.lang !== 'en')
            for (const one of body.querySelectorAll('[lang=en]')) one.remove();
        return { language: documentElement.lang, words: `${title}\n${body.innerText}` };
    });
    expectWords(language, words, say);
}

// Pages that are not shown by themselves: what a message contains, in its frame, and what is saved.
const isShown = (headers) =>
    headers['content-type']?.startsWith('text/html') &&
    !headers['content-disposition']?.startsWith('attachment') &&
    !/(^|;)\s*sandbox/.test(headers['content-security-policy']);

// Where a page leads to: some of each kind.
function onward(links, known) {
    const counts = new Map();
    const found = [];
    for (const link of new Set(links)) {
        const url = new URL(link);
        url.hash = '';
        const count = counts.get(alike(url)) ?? 0;
        if (url.origin !== origin || known.has(url.href) || count >= ALIKE_OF_ONE_MAX) continue;
        counts.set(alike(url), count + 1);
        found.push(url);
    }
    return found;
}

async function walkAs(site, login, { seen, inspected }) {
    const page = await site.person(login);
    const frenchPage = await site.stranger({
        locale: 'fr',
        storageState: await page.context().storageState(),
    });
    // The inbox of each mailbox first: the rail has many folders.
    const inboxes = await page.locator('.mail-rail h2 + ul li:first-child a').all();
    const paths = await Promise.all(inboxes.map((link) => link.getAttribute('href')));
    const queue = ['/', ...paths, ...STARTS].map((path) => new URL(path, origin));
    const counts = new Map();
    const troubles = [];
    const known = new Set();
    while (queue.length > 0) {
        const url = queue.shift();
        const kind = alike(url);
        const count = counts.get(kind) ?? 0;
        if (known.has(url.href) || count >= ALIKE_MAX) continue;
        known.add(url.href);
        if (kind === '/setup' && login !== 'admin') continue;
        counts.set(kind, count + 1);
        const say = (what) => troubles.push([what, `${login} ${url.pathname}${url.search}`]);
        const asked = await page.context().request.get(url.href);
        seen.add(new URL(asked.url()).pathname).add(url.pathname);
        if (!asked.ok()) say(`answers ${asked.status()}`);
        if (!isShown(asked.headers())) continue;
        await open(page, url, say);
        const links = await page.evaluate(() =>
            [...document.querySelectorAll('a[href], iframe[src]')].map(
                (one) => one.href || one.src,
            ),
        );
        queue.push(...onward(links, known));
        if (inspected.has(kind)) continue;
        inspected.add(kind);
        await inspect(page, say);
        await open(frenchPage, url, say);
    }
    console.log(`walk: ${login}: ${known.size} pages of ${counts.size} kinds`);
    return troubles;
}

// What the demo has none of, so that no page is empty.
function furnish() {
    const run = (...words) =>
        execFileSync(process.env.GUICHET, ['--dir', process.env.DIR, ...words]);
    run(
        'group',
        'create',
        'Purchasing',
        '--alias',
        'purchasing',
        '--owner',
        'marie.durand@contoso.com',
    );
    run('contact', 'create', 'orders@fabrikam.com', '--name', 'Fabrikam orders');
    run('token', 'create', 'marie.durand@contoso.com');
    run('shell', '-c', "New-TransportRule -Name Marked -PrependSubject '[Contoso] '");
}

export async function walk(site) {
    furnish();
    const outside = await Smtp.outside('customer@fabrikam.com');
    const message =
        'From: Customer <customer@fabrikam.com>\nSubject: Hours\nMIME-Version: 1.0\n' +
        'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>When?</p>\n' +
        '--b\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\na\n--b--\n';
    for (const to of ['support', 'jean.dupont'])
        assert.match(await outside.send(`${to}@contoso.com`, message), /^250/);
    outside.close();
    const seen = new Set();
    const inspected = new Set();
    const troubles = [];
    for (const login of PEOPLE) troubles.push(...(await walkAs(site, login, { seen, inspected })));
    troubles.push(...(await walkSignedOut(site, seen)));
    const missed = routes().filter((route) => {
        const pattern = new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`);
        return !ELSEWHERE.has(route) && ![...seen].some((path) => pattern.test(path));
    });
    assert.deepEqual(summary(troubles), []);
    assert.deepEqual(missed, [], 'no link leads to these');
}

// What is wrong once, with the pages on which it is.
function summary(troubles) {
    const pages = new Map();
    for (const [what, page] of troubles) pages.set(what, [...(pages.get(what) ?? []), page]);
    return [...pages].map(
        ([what, on]) => `${what} – on ${on.length}: ${on.slice(0, 3).join(', ')}`,
    );
}

async function walkSignedOut(site, seen) {
    const troubles = [];
    for (const locale of ['en', 'fr']) {
        const page = await site.stranger({ locale });
        const say = (what) => troubles.push([what, 'nobody /sign-in']);
        await open(page, new URL('/sign-in', origin), say);
        await inspect(page, say);
        await site.expecting(/404/, () => page.goto(`${origin}/no-such-page`));
        await inspect(page, (what) => troubles.push([what, 'nobody /no-such-page']));
    }
    seen.add('/sign-in');
    return troubles;
}
