'use strict';
// What a person does at the login page, and what must hold wherever they are.
const { fail, sleep } = require('./stage.js');

let addresses = 0;

// A browser of somebody at an address of their own.
async function arrive(t, variant, options = {}) {
  addresses += 1;
  const from = `10.${(addresses >> 8) & 255}.${addresses & 255}.7`;
  // a header more, and a script's request to the tenant would not be the one that pages make
  const extraHTTPHeaders = variant === 'cors' ? {} : { 'X-Forwarded-For': from };
  const context = await t.context({ extraHTTPHeaders, ...options });
  const page = await context.newPage();
  await page.goto(`${t.world.pages[variant].url}${options.path || '/'}`);
  return page;
}

// What the markup alone must give to whoever cannot see or cannot point.
function faults() {
  const found = [];
  const visible = (e) => e.getClientRects().length > 0;
  const name = (e) => (e.getAttribute('aria-label') || (e.labels && [...e.labels].map((l) => l.innerText).join(' '))
    || e.innerText || '').trim();
  if (!document.documentElement.lang) found.push('no language');
  if (!document.title.trim()) found.push('no title');
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  if (document.querySelectorAll('main').length !== 1) found.push('not one main');
  for (const e of document.querySelectorAll('input:not([type=hidden]), button, a[href], select, progress')) {
    if (visible(e) && !name(e)) found.push(`no name: ${e.outerHTML}`);
  }
  for (const e of document.querySelectorAll('img:not([alt]), svg:not([aria-hidden]):not([aria-label])')) {
    found.push(`no text instead: ${e.outerHTML}`);
  }
  for (const e of document.querySelectorAll('[id]')) {
    if (document.querySelectorAll(`#${CSS.escape(e.id)}`).length > 1) found.push(`id ${e.id} twice`);
  }
  for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby]')) {
    for (const id of (e.getAttribute('aria-describedby') || e.getAttribute('aria-labelledby')).split(/\s+/)) {
      if (!document.getElementById(id)) found.push(`nothing has the id ${id}`);
    }
  }
  if (document.documentElement.scrollWidth > window.innerWidth) found.push('wider than the window');
  return found;
}

// Waits for a screen, by the names that docs/login-page.md lists.
async function at(page, ...states) {
  const wanted = states.map((state) => `main[data-state="${state}"]`).join(',');
  try {
    await page.waitForSelector(wanted, { state: 'attached' });
  } catch (error) {
    fail(`never came to ${states.join(' or ')}`);
  }
  const state = await page.getAttribute('main', 'data-state');
  const found = await page.evaluate(faults);
  if (found.length) fail(`the screen ${state}: ${found.join(', ')}`);
  return state;
}

async function name(page, user) {
  await at(page, 'name');
  await page.fill('#user', user.username || user);
  await page.click('#go');
}

async function password(page, user, typed = user.password) {
  await at(page, 'password');
  await page.fill('#user', user.username);
  await page.fill('#password', typed);
  await page.click('#go');
}

async function device(page, which) {
  await at(page, 'device');
  await page.click(`button[name="device"][value="${which.id}"]`);
}

async function way(page, which) {
  await at(page, 'way');
  await page.click(`button[name="way"][value="${which}"]`);
}

async function code(page, typed) {
  await at(page, 'code');
  await page.fill('#code', typed);
  await page.click('#go');
}

const note = async (page) => ((await page.$('#note')) ? (await page.innerText('#note')).trim() : '');

// The code that the device shows now.
async function shown(t, which) {
  return t.secret((await t.tenant.control('GET', `code?device=${which.id}`)).code);
}

// What was sent to the person, once there are `n` messages of the device.
async function sent(t, which, n = 1) {
  for (let i = 0; i < 200; i += 1) {
    const mine = (await t.tenant.control('GET', 'outbox')).filter((message) => message.device_id === which.id);
    if (mine.length >= n) return mine.map((message) => t.secret(message.code));
    await sleep(50);
  }
  return fail(`message ${n} did not come`);
}

// A code that is not right; of digits.
async function wrong(t, which) {
  const right = which && which.type !== 'sms' ? await shown(t, which) : '';
  return ['135790', '246801'].find((value) => value !== right);
}

// The person presses on the telephone, as soon as it rings.
async function press(t, user, what) {
  for (let i = 0; i < 200; i += 1) {
    if ((await t.tenant.control('POST', what, { user: user.id })).answered) return;
    await sleep(50);
  }
  fail('the telephone did not ring');
}

// How often the tenant was asked.
async function asked(t, operation, who = () => true) {
  const journal = await t.tenant.control('GET', 'journal');
  return journal.filter((entry) => entry.operation === operation && who(entry)).length;
}

module.exports = { arrive, asked, at, code, device, name, note, password, press, sent, shown, way, wrong };
