// Connections of mail programs that stay open while somebody changes rights in a browser.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { address, base, password } from './browser.mjs';

class Lines {
    constructor(socket) {
        this.socket = socket;
        this.lines = [];
        this.waiting = [];
        let rest = '';
        socket.setEncoding('utf8').on('data', (piece) => {
            const parts = (rest + piece).split('\r\n');
            rest = parts.pop();
            this.lines.push(...parts);
            while (this.waiting.length > 0 && this.lines.length > 0) {
                this.waiting.shift()(this.lines.shift());
            }
        });
    }

    static async secure(port) {
        const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
        await once(socket, 'secureConnect');
        return socket;
    }

    line() {
        if (this.lines.length > 0) return Promise.resolve(this.lines.shift());
        return new Promise((resolve) => this.waiting.push(resolve));
    }

    write(line) {
        this.socket.write(`${line}\r\n`);
    }

    close() {
        this.socket.destroy();
    }
}

// Submission by a member, on one connection; or mail from outside.
export class Smtp extends Lines {
    static async submission(login) {
        const client = new Smtp(await Lines.secure(base + 465));
        client.from = address(login);
        await client.greet();
        const secret = Buffer.from(`\0${client.from}\0${password}`).toString('base64');
        assert.match(await client.ask(`AUTH PLAIN ${secret}`), /^235/);
        return client;
    }

    static async outside(from) {
        const socket = net.connect({ host: '127.0.0.1', port: base + 25 });
        await once(socket, 'connect');
        const client = new Smtp(socket);
        client.from = from;
        await client.greet();
        return client;
    }

    async greet() {
        assert.match(await this.reply(), /^220/);
        assert.match(await this.ask('EHLO client.fabrikam.com'), /^250/);
    }

    async reply() {
        const lines = [];
        do lines.push(await this.line());
        while (lines.at(-1)[3] === '-');
        return lines.join('\n');
    }

    async ask(line) {
        this.write(line);
        return this.reply();
    }

    // The reply at the end of the data.
    async send(to, message) {
        assert.match(await this.ask(`MAIL FROM:<${this.from}>`), /^250/);
        assert.match(await this.ask(`RCPT TO:<${to}>`), /^250/);
        assert.match(await this.ask('DATA'), /^354/);
        const lines = message
            .split(/\r?\n/)
            .map((line) => (line.startsWith('.') ? `.${line}` : line));
        return this.ask(`${lines.join('\r\n')}\r\n.`);
    }
}

export class Imap extends Lines {
    static async open(login) {
        const client = new Imap(await Lines.secure(base + 993));
        client.count = 0;
        await client.line();
        await client.ask(`LOGIN ${address(login)} "${password}"`);
        return client;
    }

    // The untagged lines of a command that succeeds.
    async ask(command) {
        const tag = `t${++this.count}`;
        this.write(`${tag} ${command}`);
        const lines = [];
        for (;;) {
            const line = await this.line();
            if (!line.startsWith(`${tag} `)) {
                lines.push(line);
                continue;
            }
            assert.ok(line.startsWith(`${tag} OK`), `${command}: ${line}`);
            return lines;
        }
    }

    // RFC 4314 §3.8; `p` mirrors the right to send.
    async maySendFrom(folder) {
        const [line] = await this.ask(`MYRIGHTS "${folder}"`);
        return line.split(' ').at(-1).includes('p');
    }

    async folders() {
        const lines = await this.ask('LIST "" "*"');
        return lines.map((line) => line.split('"/" ').at(-1).replaceAll('"', ''));
    }
}
