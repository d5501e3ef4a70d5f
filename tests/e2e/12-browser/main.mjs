// The pages in headless Chromium, against the demo. Each chapter is a journey of its own; each
// page that is opened anywhere is watched: nothing may fail, be forbidden by its policy, open a
// dialog or ask another host. Prints what each chapter took and what the inbox weighs.
//
// Arguments choose chapters by name. Without any all are run.
import { Site } from './browser.mjs';
import { convert, delegate, refuse, signIn } from './journeys.mjs';
import { hostile } from './hostile.mjs';
import { keyboard, withoutScripts } from './hands.mjs';
import { weigh } from './weigh.mjs';
import { walk } from './walk.mjs';

const chapters = {
    signIn,
    delegate,
    refuse,
    convert,
    hostile,
    keyboard,
    withoutScripts,
    weigh,
    walk,
};
const chosen = process.argv.slice(2);
const site = await Site.open();
let failed = 0;
for (const [name, chapter] of Object.entries(chapters)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const began = Date.now();
    try {
        await chapter(site);
        site.expectPeace();
        console.log(`${name}: ok, ${((Date.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
        failed += 1;
        console.error(`${name}: ${error.stack}`);
        for (const trouble of new Set(site.takeTroubles())) console.error(`  seen: ${trouble}`);
    }
    await site.leave();
}
await site.close();
process.exit(failed === 0 ? 0 : 1);
