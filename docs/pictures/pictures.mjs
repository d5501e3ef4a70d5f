// The pictures of the guides: a day at Contoso, and who sees what of it. Run by `make`.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Site, address, origin, phone, press } from './browser.mjs';
import { folderOf } from './journeys.mjs';
import { Imap, Smtp } from './wire.mjs';

const guichet = (...words) =>
    execFileSync(process.env.GUICHET, ['--dir', process.env.DIR, ...words], { encoding: 'utf8' });

const mail = (from, to, subject, body) =>
    `From: ${from}\nTo: ${to}\nSubject: ${subject}\nMIME-Version: 1.0\n` +
    `Content-Type: text/plain; charset=utf-8\nMessage-ID: <${subject.length}.${body.length}@x>\n\n${body}\n`;

const QUESTIONS = [
    [
        'Anna Keller',
        'anna@fabrikam.com',
        'Invoice 2041 shows the old address',
        'Could you correct it?',
    ],
    [
        'Omar Haddad',
        'omar@fabrikam.com',
        'When does the new version come?',
        'We plan our training.',
    ],
    [
        'Lucy Park',
        'lucy@northwind.example',
        'Sign-in fails since this morning',
        'Error 403 for all of us.',
    ],
    ['Pierre Morel', 'pierre@fabrikam.com', 'Thank you!', 'It works again.'],
    [
        'Grace Otieno',
        'grace@fabrikam.com',
        'The printer on the second floor',
        'Hello,\n\nthe printer on the second floor takes no more jobs since the update of Tuesday. ' +
            'Restarting\nit did not help. Could somebody have a look before Friday? We print the ' +
            'badges for the\nconference then.\n\nKind regards\nGrace Otieno\nFabrikam, office services',
    ],
];

// What happened before the pictures are taken.
async function stage() {
    for (const [name, from, subject, body] of QUESTIONS) {
        const outside = await Smtp.outside(from);
        await outside.send(
            'support@contoso.com',
            mail(`${name} <${from}>`, 'Support <support@contoso.com>', subject, body),
        );
        outside.close();
    }
    const claire = await Smtp.submission('claire.martin');
    await claire.send(
        'pierre@fabrikam.com',
        mail('support@contoso.com', 'pierre@fabrikam.com', 'Re: Thank you!', 'Gladly.'),
    );
    claire.close();
    const team = ['support@contoso.com'];
    guichet(
        'grant',
        'send-as',
        ...team,
        address('jean.dupont'),
        '--until',
        '2027-08-31',
        '--reason',
        'Summer cover',
    );
    guichet(
        'group',
        'create',
        'Sales',
        '--alias',
        'sales',
        '--owner',
        address('marie.durand'),
        '--member',
        address('paul.bernard'),
    );
    guichet(
        'shell',
        '-c',
        "New-TransportRule -Name 'Mark what leaves' -PrependSubject '[Contoso] ' -SentToScope NotInOrganization",
    );
    guichet('contact', 'create', 'orders@fabrikam.com', '--name', 'Fabrikam orders');
    const paul = await Smtp.submission('paul.bernard');
    const refusal = await paul.send(
        'customer@fabrikam.com',
        mail('sales@contoso.com', 'customer@fabrikam.com', 'Our offer', 'As agreed.'),
    );
    paul.close();
    const imap = await Imap.open('jean.dupont');
    await imap.ask('SELECT "Groups/Support"');
    await imap.ask('STORE 1:2 +FLAGS (\\Seen)');
    await imap.ask('STORE 1 +FLAGS (\\Answered)');
    await imap.ask('STORE 3 +FLAGS (\\Flagged)');
    imap.close();
    return /[A-Z]\d+-[0-9A-Z]{6}/.exec(refusal)[0];
}

const inFolder = (mailbox, number) => async (page) => {
    await page.goto(`${origin}/`);
    await folderOf(page, mailbox, number);
};

const message = async (page) => {
    await inFolder('Support', 0)(page);
    await press(page, page.locator('.mail-list td.what a', { hasText: 'printer' }));
};

const answer = async (page) => {
    await message(page);
    await press(page, '.mail-actions a.primary');
    await page.fill('#body', 'Hello Grace,\n\nwe come **tomorrow at nine**.\n\nSupport');
    await page.evaluate(() => scrollTo(0, 0));
};

const at = (path) => (page) => page.goto(origin + path);

const groupPage = (name, tab) => async (page) => {
    await page.goto(`${origin}/admin/groups`);
    await press(page, page.locator('#list a', { hasText: name }).first());
    const link = page.locator(
        `nav.tabs a${tab === 'delegation' ? '' : ':not([href$="/delegation"])'}`,
    );
    if (page.url().includes('/delegation') !== (tab === 'delegation'))
        await press(page, link.first());
};

const request = (reference) => async (page) => {
    const site = page.site;
    const paul = await site.person('paul.bernard');
    await paul.goto(`${origin}/why/${reference}`);
    await paul.fill('#words', 'Fabrikam expects the offer from the sales address.');
    await press(paul, 'form[action="/ask"] button');
    await page.goto(paul.url().split('?')[0]);
};

// Name, who, what, and how: `wide`, `phone`, `dark` or `french`.
const pictures = (reference) => [
    ['mail', 'jean.dupont', inFolder('Support', 0), ['wide', 'phone', 'dark']],
    ['message', 'jean.dupont', message, ['wide', 'phone']],
    ['compose', 'jean.dupont', answer, ['wide', 'phone']],
    ['sent', 'jean.dupont', inFolder('Support', 1), ['wide']],
    ['why', 'paul.bernard', at(`/why/${reference}`), ['wide', 'phone']],
    ['request', 'marie.durand', request(reference), ['wide', 'phone']],
    ['delegation', 'admin', groupPage('Support', 'delegation'), ['wide', 'phone', 'french']],
    ['group', 'admin', groupPage('Support', 'settings'), ['wide']],
    ['users', 'admin', at('/admin/users'), ['wide']],
    ['trace', 'auditor', at('/admin/trace'), ['wide', 'phone']],
    ['audit', 'auditor', at('/admin/audit'), ['wide']],
    ['reports', 'admin', at('/admin/reports/volume'), ['wide']],
    ['rules', 'admin', at('/admin/rules'), ['wide']],
    ['domain', 'admin', at('/admin/domains/contoso.com'), ['wide']],
    ['account', 'jean.dupont', at('/account'), ['wide', 'phone']],
    ['security', 'jean.dupont', at('/account/security'), ['wide']],
    ['setup', 'admin', at('/setup/team'), ['wide']],
];

const HOW = {
    wide: ['', {}],
    phone: ['-phone', { viewport: phone, deviceScaleFactor: 1.5 }],
    dark: ['-dark', { colorScheme: 'dark' }],
    french: ['-fr', { locale: 'fr' }],
};

const site = await Site.open();
const reference = await stage();
const chosen = process.argv.slice(2);
for (const [name, login, lead, ways] of pictures(reference)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    for (const way of ways) {
        const [ending, options] = HOW[way];
        const page = await site.person(login, {
            viewport: { width: 1280, height: 800 },
            ...options,
        });
        page.site = site;
        await lead(page);
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: join(process.env.OUT, `${name}${ending}.png`) });
        console.log(`${name}${ending}`);
        await site.leave();
    }
}
await site.close();
