'use strict';
// A browser without a screen, for what is measured: it keeps cookies and the fields of forms, and takes the time of
// every answer.
const { ask, fail, sleep } = require('./stage.js');

let addresses = 0;

class Walker {
  constructor(t, variant) {
    const { url, port } = t.world.pages[variant];
    addresses += 1;
    this.base = `https://127.0.0.1:${port}`;
    this.headers = {
      Host: url.replace('https://', ''),
      'X-Forwarded-For': `10.200.${(addresses >> 8) & 255}.${addresses & 255}`,
    };
    this.origin = url;
    this.path = '/';
  }

  async send(method, path, fields, more = {}) {
    const headers = { ...this.headers };
    if (this.cookie) headers.Cookie = this.cookie;
    let body;
    if (fields) {
      headers['Content-Type'] = 'application/x-www-form-urlencoded';
      headers.Origin = this.origin;
      body = new URLSearchParams(fields).toString();
      headers['Content-Length'] = Buffer.byteLength(body);
    }
    Object.assign(headers, more);
    for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
    const answer = await ask(method, this.base + path, headers, body);
    for (const line of answer.headers['set-cookie'] || []) [this.cookie] = line.split(';');
    return answer;
  }

  async get(path = '/') {
    let answer = await this.send('GET', path);
    while (answer.status === 303) answer = await this.send('GET', answer.headers.location);
    this.state = (answer.body.match(/<main data-state="([^"]*)"/) || [])[1];
    this.form = {};
    for (const name of ['csrf', 'turn']) {
      const found = answer.body.match(new RegExp(`name="${name}" value="([^"]*)"`));
      if (found) [, this.form[name]] = found;
    }
    return answer;
  }

  // Sends the form of the current page: the answer of the POST alone, which names the next page.
  async post(path, fields) {
    const answer = await this.send('POST', path, { ...this.form, ...fields });
    if (answer.status !== 303) fail(`${path} answered ${answer.status} (from the screen ${this.state})`);
    return answer;
  }

  // Asks as the script of the page does, until the state is another; the milliseconds that took.
  async while(state) {
    const began = Date.now();
    for (let i = 0; i < 1000; i += 1) {
      const now = JSON.parse((await this.send('GET', '/sign-in/state')).body);
      if (now.state !== state) return Date.now() - began;
      await sleep(20);
    }
    return fail(`still ${state}`);
  }
}

// What a page says to whoever reads its bytes: all of it, but for the name that was typed and what is new each time.
function plain(answer, typed) {
  const headers = Object.entries(answer.headers)
    .map(([name, value]) => `${name}: ${name === 'set-cookie' || name === 'date' ? '' : value}`)
    .filter((line) => !line.startsWith('content-length')).join('\n');
  const body = answer.body.split(typed).join('NAME').replace(/name="csrf" value="[^"]*"/g, 'CSRF')
    .replace(/(value|max|data-turn)="\d+"/g, '$1=N').replace(/>\d+<\/span> seconds/g, '>N</span> seconds');
  return `${answer.status}\n${headers}\n\n${body}`;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

module.exports = { Walker, median, plain };
