'use strict';
// The default way: a password, a second factor, and a session at OneLogin.
const { equal, fail } = require('../stage.js');
const { Walker, median, plain } = require('../walker.js');
const { arrive, at, code, device, note, password, press, sent, shown, wrong } = require('../person.js');

const COOKIE = 'sub_session_onelogin.com';

// The browser goes on to OneLogin by itself, and is somebody there.
async function arrivesAtOneLogin(t, page, user) {
  await page.waitForURL(`${t.tenant.https_url}/portal`);
  const text = await page.innerText('body');
  if (!text.includes(user.email)) fail(`OneLogin does not know the person: ${text}`);
  const cookies = await page.context().cookies(t.tenant.https_url);
  const [cookie] = cookies.filter((one) => one.name === COOKIE);
  equal([true, true], [cookie.httpOnly, cookie.secure], 'the cookie of OneLogin');
  t.secret(cookie.value);
}

// Our own cookie as the browser has it.
async function session(t, page, variant = 'password') {
  const cookies = await page.context().cookies(t.world.pages[variant].url);
  const [cookie] = cookies.filter((one) => one.name === '__Host-session');
  if (!cookie) fail('no __Host-session');
  equal([true, true, 'Lax', '/'], [cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path], '__Host-session');
  return cookie.value;
}

async function home(t, page) {
  await page.goto(t.world.pages.password.url);
  return at(page, 'account', 'password');
}

exports['TOTP: password and code, a new session id, and on to OneLogin'] = async (t) => {
  const user = await t.user(['totp'], { firstname: 'Tessa' });
  const page = await arrive(t, 'password');
  await t.shot(page, 'password');
  await password(page, user);
  await at(page, 'code');
  await t.shot(page, 'code');
  const before = await session(t, page);
  await code(page, await shown(t, user.devices.totp));
  await arrivesAtOneLogin(t, page, user);
  await t.shot(page, 'portal');
  equal('account', await home(t, page), 'afterwards');
  if (before === await session(t, page)) fail('the session id is the same as before the sign-in');
  await t.shot(page, 'account');
  equal('Tessa Page', await page.innerText('#name'), 'name');
  await page.click('#out');
  await at(page, 'password');
};

exports['SMS: the message is sent, sent again, and the newer code is right'] = async (t) => {
  const user = await t.user(['sms']);
  const page = await arrive(t, 'password');
  await password(page, user);
  await at(page, 'code');
  await sent(t, user.devices.sms);
  await t.shot(page, 'code');
  await page.click('button[name="resend"]');
  const codes = await sent(t, user.devices.sms, 2);
  await page.waitForSelector('#note.calm');
  await t.shot(page, 'sent again');
  await code(page, codes[1]);
  await arrivesAtOneLogin(t, page, user);
};

exports['push accepted: the waiting screen goes on by itself'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp', 'sms', 'email']);
  const page = await arrive(t, 'password');
  await password(page, user);
  await at(page, 'device');
  await t.shot(page, 'devices');
  await device(page, user.devices.protect);
  await at(page, 'wait');
  await t.shot(page, 'waiting');
  await press(t, user, 'approve');
  await arrivesAtOneLogin(t, page, user);
  equal('account', await home(t, page), 'afterwards');
  equal('A request on the phone', await page.innerText('#method'), 'method');
};

exports['push denied: the sign-in is over, and nobody is signed in'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  const page = await arrive(t, 'password');
  await password(page, user);
  await device(page, user.devices.protect);
  await at(page, 'wait');
  await press(t, user, 'deny');
  await at(page, 'refused');
  await t.shot(page, 'refused');
  equal('password', await home(t, page), 'afterwards');
};

exports['push timed out: a typed code is asked for, and is enough'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  const page = await arrive(t, 'password');
  await password(page, user);
  await device(page, user.devices.protect);
  await at(page, 'wait');
  await page.waitForSelector('main[data-state="code"]'); // by itself
  await t.shot(page, 'late');
  await code(page, await shown(t, user.devices.protect));
  await arrivesAtOneLogin(t, page, user);
};

exports['a code typed while the request is open is enough'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  const page = await arrive(t, 'password');
  await password(page, user);
  await device(page, user.devices.protect);
  await at(page, 'wait');
  await page.click('#type');
  await at(page, 'code');
  await t.shot(page, 'code instead');
  await code(page, await shown(t, user.devices.protect));
  await arrivesAtOneLogin(t, page, user);
};

exports['wrong codes until it is refused; then the right one does not help'] = async (t) => {
  const user = await t.user(['totp']);
  const page = await arrive(t, 'password');
  await password(page, user);
  let state;
  const notes = [];
  for (let i = 1; i <= 3; i += 1) {
    await code(page, await wrong(t, user.devices.totp));
    await page.waitForLoadState();
    state = await at(page, 'code', 'refused', 'limited');
    if (state !== 'code') break;
    notes.push(await note(page));
    await t.shot(page, `wrong ${i}`);
  }
  equal(['limited', 2], [state, notes.filter(Boolean).length], 'after three wrong codes, with two warnings');
  await t.shot(page, 'the end');
  // the same person from elsewhere, with all that is right
  const other = await arrive(t, 'password');
  await password(other, user);
  state = await at(other, 'code', 'refused', 'limited');
  if (state === 'code') {
    await code(other, await shown(t, user.devices.totp));
    state = await at(other, 'refused', 'limited');
  }
  equal('limited', state, 'from elsewhere');
  equal('password', await home(t, other), 'afterwards');
};

exports['a locked person, an unknown name and a wrong password look the same'] = async (t) => {
  const known = await t.user(['totp'], { firstname: 'same' });
  const locked = await t.user(['totp'], { firstname: 'same' });
  const { status } = await t.tenant.api('PUT', `/api/1/users/${locked.id}/lock_user`, { locked_until: 30 });
  equal(200, status, 'locking');
  const unknown = { username: known.username.replace(/.{8}$/, '0badc0de'), password: t.secret('Pw-nobody-has-this') };
  const seen = {};
  for (const [what, who, typed] of [['wrong password', known, t.secret('Pw-not-the-right-one')],
    ['unknown', unknown, unknown.password], ['locked', locked, locked.password]]) {
    const page = await arrive(t, 'password');
    await password(page, who, typed);
    await page.waitForSelector('#note, main:not([data-state="password"])');
    await at(page, 'password');
    await t.shot(page, what);
    seen[what] = (await page.content()).split(who.username).join('NAME').replace(/value="[\w-]{20,}"/g, 'value="CSRF"');
  }
  equal(seen['wrong password'], seen.unknown, 'the page for an unknown name');
  equal(seen['wrong password'], seen.locked, 'the page for a locked person');
};

exports['three wrong passwords: then the right one does not help, whether or not the name is known'] = async (t) => {
  const user = await t.user(['totp']);
  const nobody = { username: `nobody-${user.id}` };
  const pages = { known: [], unknown: [] };
  const times = { known: [], unknown: [] };
  for (const [what, who] of [['known', user], ['unknown', nobody]]) {
    const w = new Walker(t, 'password');
    for (let i = 0; i < 4; i += 1) {
      await w.get('/');
      const typed = i === 3 && who.password ? who.password : t.secret('Pw-not-the-right-one');
      const { headers, ms } = await w.post('/', { user: who.username, password: typed });
      if (ms < 990) fail(`refused after ${ms} ms`);
      times[what].push(ms);
      pages[what].push(plain(await w.get(headers.location), who.username));
      equal(i < 3 ? 'password' : 'limited', w.state, `after password ${i + 1}`);
    }
  }
  pages.known.forEach((page, i) => equal(pages.unknown[i], page, `password ${i + 1}`));
  if (Math.abs(median(times.known) - median(times.unknown)) > 300) {
    fail(`refused after ${times.known} ms, and where nobody has the name after ${times.unknown} ms`);
  }
};

exports['a code that is sent twice counts once'] = async (t) => {
  const user = await t.user(['totp']);
  const w = new Walker(t, 'password');
  await w.get('/');
  await w.post('/', { user: user.username, password: user.password });
  await w.get('/sign-in');
  const { form } = w;
  await Promise.all([1, 2, 3, 4].map(() => w.send('POST', '/sign-in', { ...form, code: '135790' })));
  const { body } = await w.get('/sign-in');
  if (!body.includes('2 tries are left')) fail('more than one try was counted');
};

exports['where no second factor is due the password is enough'] = async (t) => {
  const user = await t.user([]);
  const page = await arrive(t, 'password');
  await password(page, user);
  await arrivesAtOneLogin(t, page, user);
  equal('account', await home(t, page), 'afterwards');
  equal('Password alone', await page.innerText('#method'), 'method');
};

exports['two tabs: the newer sign-in counts, and the older form does no harm'] = async (t) => {
  const user = await t.user(['totp', 'sms']);
  const first = await arrive(t, 'password');
  await password(first, user);
  await device(first, user.devices.sms);
  await at(first, 'code');
  const [message] = await sent(t, user.devices.sms);
  const second = await first.context().newPage();
  await second.goto(t.world.pages.password.url);
  await at(second, 'password');
  await password(second, user);
  await device(second, user.devices.totp);
  await at(second, 'code');
  // what the first tab shows belongs to a sign-in that the second has replaced
  await code(first, message);
  await at(first, 'code');
  equal('', await note(first), 'what the older form is told');
  await t.shot(first, 'older tab');
  await second.reload();
  await code(second, await shown(t, user.devices.totp));
  await arrivesAtOneLogin(t, second, user);
  equal('account', await home(t, first), 'the first tab afterwards');
};

exports['the back button brings no form back that works'] = async (t) => {
  const user = await t.user(['totp']);
  const page = await arrive(t, 'password');
  await password(page, user);
  await at(page, 'code');
  await page.goBack();
  await at(page, 'password');
  equal('', await page.inputValue('#password'), 'the password after going back');
  await page.goForward();
  const once = await shown(t, user.devices.totp);
  await code(page, once);
  await arrivesAtOneLogin(t, page, user);
  for (let i = 0; i < 4; i += 1) {
    await page.goBack().catch(() => {});
    if (!page.url().startsWith(t.world.pages.password.url)) continue;
    const state = await page.getAttribute('main', 'data-state');
    if (!['account', 'late', 'handover', 'password'].includes(state)) fail(`back: ${state} at ${page.url()}`);
    if (state === 'password') equal('', await page.inputValue('#password'), 'the password after going back');
    await t.shot(page, 'back');
  }
  equal('account', await home(t, page), 'afterwards');
};

exports['a replayed cookie: of before the sign-in, and of after the sign-out, is nobody'] = async (t) => {
  const user = await t.user(['totp']);
  const { url } = t.world.pages.password;
  const page = await arrive(t, 'password');
  await password(page, user);
  await at(page, 'code');
  const before = await session(t, page);
  await code(page, await shown(t, user.devices.totp));
  await arrivesAtOneLogin(t, page, user);
  const signedIn = await session(t, page);
  const thief = async (value) => {
    const context = await t.context();
    await context.addCookies([{ name: '__Host-session', value, url, secure: true, httpOnly: true, sameSite: 'Lax' }]);
    const other = await context.newPage();
    await other.goto(`${url}/private/`);
    return at(other, 'private', 'password');
  };
  equal('password', await thief(before), 'the cookie of before');
  equal('private', await thief(signedIn), 'the cookie while it is good');
  equal('account', await home(t, page), 'at home');
  await page.click('#out');
  await at(page, 'password');
  equal('password', await thief(signedIn), 'the cookie of after');
  if (signedIn === await session(t, page)) fail('the session id is the same after the sign-out');
};

exports['without JavaScript: password, code and the way on to OneLogin'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  const page = await arrive(t, 'password', { javaScriptEnabled: false });
  await password(page, user);
  await device(page, user.devices.totp);
  await code(page, await wrong(t, user.devices.totp));
  await page.waitForSelector('#note');
  await code(page, await shown(t, user.devices.totp));
  await at(page, 'handover');
  await t.shot(page, 'on to OneLogin');
  await page.click('#handover [type="submit"]');
  await arrivesAtOneLogin(t, page, user);
};

exports['without JavaScript: the waiting screen looks again by itself'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  const page = await arrive(t, 'password', { javaScriptEnabled: false });
  await password(page, user);
  await device(page, user.devices.protect);
  await at(page, 'wait');
  await t.shot(page, 'waiting');
  await press(t, user, 'approve');
  await at(page, 'handover');
};

exports['with the keyboard alone'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  const page = await arrive(t, 'password');
  await at(page, 'password');
  const focused = () => page.evaluate(() => {
    const e = document.activeElement;
    const style = getComputedStyle(e);
    const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return { id: e.id, name: e.name, value: e.tagName === 'BUTTON' ? e.value : '', shown };
  });
  const onTo = async (what) => {
    for (let i = 0; i < 12; i += 1) {
      const now = await focused();
      if (now.id === what || (now.value && now.value === what)) {
        if (!now.shown) fail(`nothing shows that ${what} has the focus`);
        return;
      }
      await page.keyboard.press('Tab');
    }
    fail(`Tab never comes to ${what}`);
  };
  equal('user', (await focused()).id, 'the focus at the beginning');
  await page.keyboard.type(user.username);
  await onTo('password');
  await t.shot(page, 'focus');
  await page.keyboard.type(user.password);
  await page.keyboard.press('Enter');
  await at(page, 'device');
  await onTo(String(user.devices.totp.id));
  await t.shot(page, 'focus on a device');
  await page.keyboard.press('Enter');
  await at(page, 'code');
  equal('code', (await focused()).id, 'the focus at the code');
  await page.keyboard.type(await shown(t, user.devices.totp));
  await page.keyboard.press('Enter');
  await arrivesAtOneLogin(t, page, user);
};

exports['on a narrow, dark screen'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp', 'sms']);
  const page = await arrive(t, 'password', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
  await at(page, 'password');
  await t.shot(page, 'password');
  await password(page, user);
  await at(page, 'device');
  await t.shot(page, 'devices');
  await device(page, user.devices.protect);
  await at(page, 'wait');
  await t.shot(page, 'waiting');
};

exports['a factor that is due and not there, and a page that is not there'] = async (t) => {
  const user = await t.user([], { mfa_required: true });
  const page = await arrive(t, 'password');
  await password(page, user);
  await at(page, 'setup');
  await t.shot(page, 'setup');
  await page.click('#again');
  await at(page, 'password');
  t.expect(/status of 404/);
  await page.goto(`${t.world.pages.password.url}/nothing`);
  await at(page, 'error');
  await t.shot(page, 'not found');
  await page.click('#again');
  await at(page, 'password');
};

exports['CORS hand-over: a script of the page redeems the token, and goes on'] = async (t) => {
  const user = await t.user(['totp']);
  const page = await arrive(t, 'cors');
  await password(page, user);
  await code(page, await shown(t, user.devices.totp));
  await arrivesAtOneLogin(t, page, user);
};

exports['a form needs the token of its own session, whatever else the browser tells'] = async (t) => {
  const fields = { user: 'nobody', password: 'nothing' };
  const [w, other] = [new Walker(t, 'password'), new Walker(t, 'password')];
  await w.get('/');
  await other.get('/');
  const cases = {
    'no token': [{}, {}, 403],
    'no token, no Origin': [{}, { Origin: undefined }, 403],
    'the token of another session': [other.form, { Origin: undefined }, 403],
    'Origin null': [w.form, { Origin: 'null' }, 403],
    'another Origin': [w.form, { Origin: 'https://login.acme.test.evil.test' }, 403],
    'from another site': [w.form, { Origin: undefined, 'Sec-Fetch-Site': 'cross-site' }, 403],
    'from below the same domain': [w.form, { Origin: undefined, 'Sec-Fetch-Site': 'same-site' }, 403],
    'another host': [w.form, { Host: 'evil.test' }, 421],
    'no Origin, as old browsers do': [w.form, { Origin: undefined }, 303],
  };
  for (const [what, [form, headers, status]] of Object.entries(cases)) {
    equal(status, (await w.send('POST', '/', { ...form, ...fields }, headers)).status, what);
  }
};

exports['a form from another site is refused'] = async (t) => {
  const page = await arrive(t, 'password');
  const { url } = t.world.pages.password;
  t.expect(/status of 40[13]/);
  for (const csrf of ['', await page.getAttribute('input[name="csrf"]', 'value')]) {
    const other = await page.context().newPage();
    await other.goto(`${t.tenant.https_url}/portal`);
    await other.setContent(`<form method="post" action="${url}/"><input name="csrf" value="${csrf}">
      <input name="user" value="x"><input name="password" value="y"><button>go</button></form>`);
    await other.click('button');
    await at(other, 'error');
    await t.shot(other, 'refused');
  }
};
