// What the inbox weighs over the wire, on the first visit and after it.
import assert from 'node:assert/strict';
import { origin, press } from './browser.mjs';
import { Imap } from './wire.mjs';

const OCTETS_MAX = 100 * 1024;
const REQUESTS_AFTER_MAX = 3;
const MESSAGES = 60;

async function meter(page) {
    const session = await page.context().newCDPSession(page);
    const sizes = new Map();
    await session.send('Network.enable');
    session.on('Network.requestWillBeSent', ({ requestId }) => sizes.set(requestId, 0));
    session.on('Network.requestServedFromCache', ({ requestId }) => sizes.delete(requestId));
    session.on('Network.responseReceived', ({ requestId, response }) => {
        if (response.fromDiskCache || response.fromServiceWorker) sizes.delete(requestId);
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        if (sizes.has(requestId)) sizes.set(requestId, encodedDataLength);
    });
    return {
        take() {
            const counted = [...sizes.values()];
            sizes.clear();
            return { requests: counted.length, octets: counted.reduce((sum, one) => sum + one, 0) };
        },
    };
}

export async function weigh(site) {
    const imap = await Imap.open('paul.bernard');
    for (let number = 0; number < MESSAGES; number += 1) {
        const message = `From: Customer <customer@fabrikam.com>\r\nSubject: Question ${number}\r\n\r\n?\r\n`;
        imap.write(`a${number} APPEND INBOX {${message.length}+}\r\n${message}`);
        let line = '';
        while (!line.startsWith(`a${number} `)) line = await imap.line();
        assert.match(line, / OK /);
    }
    imap.close();
    const signedIn = await site.person('paul.bernard');
    const storageState = await signedIn.context().storageState();
    // What a service worker fetches is not seen here, so there is none.
    const page = await site.stranger({ storageState, serviceWorkers: 'block' });
    const measured = await meter(page);
    const [first, after] = await site.expecting(/Service Worker registration blocked/, async () => {
        await page.goto(`${origin}/`, { waitUntil: 'networkidle' });
        assert.ok((await page.locator('.mail-list tbody tr').count()) >= 50, 'the list is full');
        const taken = measured.take();
        await press(page, '.mail-rail li a');
        await page.waitForLoadState('networkidle');
        return [taken, measured.take()];
    });
    const say = ({ requests, octets }) => `${requests} requests, ${(octets / 1024).toFixed(1)} KiB`;
    console.log(`inbox with a full list: first visit ${say(first)}; again ${say(after)}`);
    assert.ok(first.octets > 0 && first.octets <= OCTETS_MAX, say(first));
    assert.ok(after.requests >= 1 && after.requests <= REQUESTS_AFTER_MAX, say(after));
}
