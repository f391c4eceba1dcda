'use strict';
// What a scenario stands on: browser contexts of its own, people of the sandbox, screenshots, and a record of all that
// the browser was told, which is searched for secrets when the scenario ends.
const crypto = require('crypto');
const http = require('http');
const https = require('https');
const path = require('path');

function fail(text) {
  throw new Error(text);
}

function equal(expected, got, what) {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(got)];
  if (a !== b) fail(`${what}: expected ${a}, got ${b}`);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// One request from Node, on a connection of its own: { status, headers, body, ms }.
function ask(method, url, headers = {}, body = undefined) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const options = { method, headers, agent: false, rejectUnauthorized: false };
    const request = (url.startsWith('https') ? https : http).request(url, options, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({
        status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString(),
        ms: Number(process.hrtime.bigint() - began) / 1e6,
      }));
      answer.on('error', reject);
    });
    request.setTimeout(20000, () => request.destroy(new Error(`${method} ${url}: no answer in 20 s`)));
    request.on('error', reject);
    request.end(body);
  });
}

// The sandbox: its control API, and itself as a client of it.
class Tenant {
  constructor(facts) {
    Object.assign(this, facts);
  }

  async control(method, name, body) {
    const answer = await ask(method, `${this.http_url}/sandbox/control/${name}`,
      { 'X-Sandbox-Control': this.control_token }, body && JSON.stringify(body));
    const value = JSON.parse(answer.body);
    if (answer.status !== 200) fail(`control ${method} ${name}: ${value.message}`);
    return value;
  }

  async api(method, route, body, headers = {}) {
    const type = { 'Content-Type': 'application/json' };
    if (!this.bearer) {
      const pair = `client_id:${this.client_id}, client_secret:${this.client_secret}`;
      const answer = await ask('POST', `${this.http_url}/auth/oauth2/v2/token`, { ...type, Authorization: pair },
        '{"grant_type":"client_credentials"}');
      this.bearer = `Bearer ${JSON.parse(answer.body).access_token}`;
    }
    const answer = await ask(method, this.http_url + route, { ...type, Authorization: this.bearer, ...headers },
      body && JSON.stringify(body));
    return { status: answer.status, body: answer.body && JSON.parse(answer.body) };
  }
}

const HEADERS = ['cache-control: no-store', 'x-frame-options: DENY', 'x-content-type-options: nosniff',
  "content-security-policy: default-src 'none'", "frame-ancestors 'none'"];

// Every scenario has one.
class Stage {
  constructor(world, browser, name) {
    Object.assign(this, { world, browser, name, tenant: world.tenant });
    this.told = []; // { where, text }
    this.secrets = [];
    this.tokens = []; // session tokens: only the page that hands them over may hold them
    this.contexts = [];
    this.complaints = [];
    this.expected = [];
    this.shots = 0;
  }

  // Values that nothing the browser gets may hold.
  secret(...values) {
    this.secrets.push(...values.filter(Boolean));
    return values[0];
  }

  // A person with a password and devices: a list of type names, or of [type, options].
  async user(devices = [], more = {}) {
    const name = `${more.firstname || 'person'}-${crypto.randomBytes(4).toString('hex')}`;
    const password = this.secret(more.password || `Pw-${crypto.randomBytes(9).toString('base64url')}`);
    const user = await this.tenant.control('POST', 'users',
      { firstname: 'Robin', lastname: 'Page', ...more, username: name, email: `${name}@acme.test`, password });
    user.password = password;
    user.devices = {};
    for (const device of devices) {
      const [type, options] = [].concat(device);
      user.devices[type] = await this.tenant.control('POST', 'devices', { user: user.id, type, options });
    }
    return user;
  }

  // A console message that is right to come.
  expect(pattern) {
    this.expected.push(pattern);
  }

  async context(options = {}) {
    const context = await this.browser.newContext({
      ignoreHTTPSErrors: true, viewport: { width: 900, height: 700 }, locale: 'en-GB', reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(15000);
    this.contexts.push(context);
    context.on('console', (message) => {
      this.told.push({ where: 'console', text: message.text() });
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    context.on('weberror', (error) => this.complaints.push(String(error.error())));
    context.on('request', (request) => {
      this.told.push({ where: `address ${request.method()}`, text: request.url() });
      const token = (request.postData() || '').match(/session_token"?[=:]"?(\w+)/);
      if (token) this.tokens.push(token[1]);
    });
    context.on('response', async (response) => {
      const url = response.url();
      const record = { where: `answer of ${new URL(url).pathname}`, url, status: response.status(), text: '' };
      this.told.push(record);
      record.text = Object.entries(response.headers()).filter(([name]) => name !== 'set-cookie')
        .map(([name, value]) => `${name}: ${value}`).join('\n');
      try {
        record.text += `\n\n${await response.text()}`;
      } catch (error) { /* a redirect has no body */ }
    });
    return context;
  }

  async page(options) {
    return (await this.context(options)).newPage();
  }

  async shot(page, label) {
    this.shots += 1;
    const slug = `${this.name} ${this.shots} ${label}`.replace(/[^\w]+/g, '-').toLowerCase();
    await page.screenshot({ path: path.join(this.world.shots, `${slug}.png`), fullPage: true, animations: 'disabled' });
  }

  // When the scenario failed: what the person saw last.
  async last() {
    const seen = [];
    for (const context of this.contexts) {
      for (const page of context.pages()) {
        try {
          await this.shot(page, 'failed');
          seen.push(`${page.url()}\n${(await page.innerText('body')).trim()}`);
        } catch (error) { seen.push(`${page.url()}: ${error.message}`); }
      }
    }
    if (this.complaints.length) seen.push(`console: ${this.complaints.join('\n')}`);
    return seen.join('\n---\n');
  }

  async close() {
    for (const context of this.contexts) await context.close();
  }

  // What was told must not hold a secret, the console nothing that nobody expects; and every page has its headers.
  check() {
    const ours = Object.values(this.world.pages).map(({ url }) => url);
    for (const { where, text, url } of this.told) {
      const tokens = text.includes('<main data-state="handover"') ? [] : this.tokens;
      for (const value of [...this.secrets, ...tokens]) {
        if (text.includes(value) || text.includes(encodeURIComponent(value))) {
          fail(`a secret of ${value.length} characters is in ${where}`);
        }
      }
      if (url && ours.includes(new URL(url).origin) && !/\.(css|js|svg)$/.test(url)) {
        const wanted = text.includes('<!doctype html>') ? HEADERS : HEADERS.slice(0, 1);
        for (const header of wanted) if (!text.includes(header)) fail(`${where} lacks ${header}`);
      }
    }
    const odd = this.complaints.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
    if (odd.length) fail(`the console complains: ${odd.join(' | ')}`);
  }
}

module.exports = { Stage, Tenant, ask, equal, fail, sleep };
