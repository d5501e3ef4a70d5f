// The browser and the people who use it. Every page is watched from its first request.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const base = Number(process.env.PORT_BASE);
export const origin = `http://127.0.0.1:${base + 80}`;
export const password = process.env.PASSWORD;
export const phone = { width: 390, height: 844 };
const wide = { width: 1280, height: 900 };

// An answer within this time or it never comes; the machine may be busy.
const TIMEOUT_MS = 20_000;

export const address = (login) => `${login}@contoso.com`;

export class Site {
    static async open() {
        const site = new Site();
        site.troubles = [];
        site.contexts = [];
        // Chromium's sandbox does not work for root, and containers rarely allow it to others.
        const args = ['--no-sandbox', '--disable-dev-shm-usage'];
        site.browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
        return site;
    }

    // A browser of its own: a window with no cookie yet.
    async stranger(options = {}) {
        const context = await this.browser.newContext({ viewport: wide, locale: 'en', ...options });
        context.setDefaultTimeout(TIMEOUT_MS);
        this.contexts.push(context);
        context.on('page', (page) => this.watch(page));
        return context.newPage();
    }

    // Somebody of the demo, signed in.
    async person(login, options = {}) {
        const page = await this.stranger(options);
        await page.goto(`${origin}/sign-in`);
        await signInOn(page, login);
        assert.equal(new URL(page.url()).pathname, '/');
        return page;
    }

    watch(page) {
        const seen = (what) => this.troubles.push(`${page.url()}: ${what}`);
        page.on('console', (message) => {
            const isOurs = ['error', 'warning'].includes(message.type());
            if (isOurs && !this.isExpected?.(message.text())) seen(message.text());
        });
        page.on('pageerror', (error) => seen(`a script failed: ${error.message}`));
        page.on('dialog', async (dialog) => {
            seen(`a dialog: ${dialog.message()}`);
            await dialog.dismiss();
        });
        page.on('request', (request) => {
            const { protocol, host } = new URL(request.url());
            const isLocal = ['data:', 'blob:', 'about:'].includes(protocol);
            if (!isLocal && host !== new URL(origin).host) seen(`asks ${request.url()}`);
        });
        page.on('response', (response) => {
            if (response.status() >= 500) seen(`${response.status()} from ${response.url()}`);
        });
    }

    takeTroubles() {
        return this.troubles.splice(0);
    }

    expectPeace() {
        assert.deepEqual(this.takeTroubles(), []);
    }

    // Runs something during which the browser may say what matches.
    async expecting(pattern, what) {
        this.isExpected = (text) => pattern.test(text);
        try {
            return await what();
        } finally {
            this.isExpected = undefined;
        }
    }

    async leave() {
        for (const context of this.contexts.splice(0)) await context.close();
        this.takeTroubles();
    }

    async close() {
        await this.browser.close();
    }
}

export async function signInOn(page, login, secret = password) {
    await page.fill('#login', address(login));
    await page.fill('#password', secret);
    await press(page, 'form[action="/sign-in"] button');
}

// Presses what leads to another page, and waits for that.
export async function press(page, selector) {
    const target = typeof selector === 'string' ? page.locator(selector).first() : selector;
    await Promise.all([page.waitForEvent('load'), target.click()]);
}

export async function text(page, selector = 'main') {
    return page.locator(selector).first().innerText();
}

// Tries until something is so.
export async function until(what, isSo) {
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
        const found = await isSo();
        if (found) return found;
        assert.ok(Date.now() < deadline, `not within ${TIMEOUT_MS / 1000} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
