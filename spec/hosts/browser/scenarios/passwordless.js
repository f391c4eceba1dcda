'use strict';
// The passwordless way: a second factor alone, and no word to anybody about whether a name exists or what it has.
const { equal, fail, sleep } = require('../stage.js');
const { Walker, median, plain } = require('../walker.js');
const { arrive, asked, at, code, name, note, press, sent, shown, way, wrong } = require('../person.js');

const VARIANT = 'passwordless';

async function signedIn(t, page, user, method) {
  await at(page, 'account');
  const shows = [await page.innerText('#account'), await page.innerText('#method')];
  equal([user.email, method], shows, 'account and method');
}

async function codeOf(t, page, user, which, typed) {
  await code(page, typed);
  await signedIn(t, page, user, 'A typed code');
}

exports['passwordless TOTP: name, code, in; and out again'] = async (t) => {
  const user = await t.user(['totp']);
  const page = await arrive(t, VARIANT);
  await t.shot(page, 'name');
  await name(page, user);
  await at(page, 'way');
  await t.shot(page, 'ways');
  await way(page, 'app');
  await at(page, 'code');
  await t.shot(page, 'code');
  const before = (await page.context().cookies())[0].value;
  await code(page, await shown(t, user.devices.totp));
  await page.waitForSelector('main[data-state="checking"]');
  await t.shot(page, 'checking');
  await signedIn(t, page, user, 'A typed code');
  if (before === (await page.context().cookies())[0].value) fail('the session id is the same as before the sign-in');
  await page.click('#out');
  await at(page, 'name');
};

exports['passwordless TOTP and Protect: the code of either is taken'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  for (const which of ['protect', 'totp']) {
    const page = await arrive(t, VARIANT);
    await name(page, user);
    await way(page, 'app');
    await code(page, await shown(t, user.devices[which]));
    await signedIn(t, page, user, 'A typed code');
  }
};

exports['passwordless SMS: the message is sent, sent again, and the newer code is right'] = async (t) => {
  const user = await t.user(['sms', 'totp']);
  const page = await arrive(t, VARIANT);
  await name(page, user);
  await way(page, 'text');
  await at(page, 'code');
  await t.shot(page, 'code');
  await sent(t, user.devices.sms);
  await page.click('button[name="resend"]');
  await page.waitForSelector('#note');
  await t.shot(page, 'sent again');
  const codes = await sent(t, user.devices.sms, 2);
  await code(page, codes[1]);
  await signedIn(t, page, user, 'A typed code');
};

exports['passwordless push accepted: the waiting screen goes on by itself'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }]]);
  const page = await arrive(t, VARIANT);
  await name(page, user);
  await way(page, 'push');
  await at(page, 'wait');
  await t.shot(page, 'waiting');
  await press(t, user, 'approve');
  await signedIn(t, page, user, 'A request on the phone');
};

exports['passwordless push denied: looks like one that nobody answers, and lets nobody in'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }]]);
  const page = await arrive(t, VARIANT);
  await name(page, user);
  await way(page, 'push');
  await at(page, 'wait');
  await press(t, user, 'deny');
  await at(page, 'code');
  await t.shot(page, 'afterwards');
  await code(page, await shown(t, user.devices.protect));
  await at(page, 'checking', 'code');
  await page.waitForSelector('main[data-state="code"] #note');
};

exports['passwordless push timed out: a typed code is enough'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }]]);
  const page = await arrive(t, VARIANT);
  await name(page, user);
  await way(page, 'push');
  await at(page, 'wait');
  await at(page, 'code');
  await t.shot(page, 'late');
  await codeOf(t, page, user, 'protect', await shown(t, user.devices.protect));
};

exports['passwordless: wrong codes until nothing more is checked'] = async (t) => {
  const user = await t.user(['totp']);
  const page = await arrive(t, VARIANT);
  await name(page, user);
  await way(page, 'app');
  for (let left = 2; left >= 0; left -= 1) {
    await code(page, await wrong(t, user.devices.totp));
    if (left > 0) await page.waitForSelector('main[data-state="checking"]');
    await at(page, left > 0 ? 'code' : 'limited');
    const says = ['', 'One try', '2 tries'][left];
    if (left > 0 && !(await note(page)).includes(says)) fail(`does not say that ${left} are left: ${await note(page)}`);
    await t.shot(page, `${left} left`);
  }
  const other = await arrive(t, VARIANT);
  await name(other, user);
  await way(other, 'app');
  await code(other, await shown(t, user.devices.totp));
  await at(other, 'limited');
};

exports['passwordless: the last try that is left may be the right one'] = async (t) => {
  const user = await t.user(['totp']);
  const page = await arrive(t, VARIANT);
  await name(page, user);
  await way(page, 'app');
  for (let i = 0; i < 2; i += 1) {
    await code(page, await wrong(t, user.devices.totp));
    await page.waitForSelector('main[data-state="checking"]');
  }
  await codeOf(t, page, user, 'totp', await shown(t, user.devices.totp));
};

exports['passwordless: one request at a time for a name'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }]]);
  const first = await arrive(t, VARIANT);
  await name(first, user);
  await way(first, 'push');
  await at(first, 'wait');
  const second = await arrive(t, VARIANT);
  await name(second, user);
  await way(second, 'push');
  await at(second, 'way');
  await t.shot(second, 'not now');
  if (!(await note(second)).includes('waits for an answer')) fail(`says: ${await note(second)}`);
  await press(t, user, 'approve');
  await signedIn(t, first, user, 'A request on the phone');
  const mine = (entry) => entry.path.includes(`/${user.id}/`);
  equal(1, await asked(t, 'mfa.activate_factor', mine), 'requests sent');
};

exports['passwordless: the second tab takes over; the older form does no harm'] = async (t) => {
  const user = await t.user(['totp', 'sms']);
  const first = await arrive(t, VARIANT);
  await name(first, user);
  await way(first, 'app');
  await at(first, 'code');
  const second = await first.context().newPage();
  await second.goto(t.world.pages[VARIANT].url);
  await name(second, user);
  await way(second, 'text');
  await at(second, 'code');
  const [message] = await sent(t, user.devices.sms);
  await first.goBack().catch(() => {});
  await first.goForward().catch(() => {});
  await code(second, message);
  await signedIn(t, second, user, 'A typed code');
  await first.reload();
  await signedIn(t, first, user, 'A typed code');
};

exports['passwordless without JavaScript: codes and the waiting screen work'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }], 'totp']);
  const page = await arrive(t, VARIANT, { javaScriptEnabled: false });
  await name(page, user);
  await way(page, 'app');
  await code(page, await wrong(t, user.devices.totp));
  await page.waitForSelector('main[data-state="code"] #note');
  await code(page, await shown(t, user.devices.totp));
  await signedIn(t, page, user, 'A typed code');
  const other = await arrive(t, VARIANT, { javaScriptEnabled: false });
  await name(other, user);
  await way(other, 'push');
  await at(other, 'wait');
  await press(t, user, 'approve');
  await signedIn(t, other, user, 'A request on the phone');
};

exports['passwordless on a narrow, dark screen'] = async (t) => {
  const user = await t.user([['protect', { push: 'ignore' }]]);
  const page = await arrive(t, VARIANT, { viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
  await name(page, user);
  await at(page, 'way');
  await t.shot(page, 'ways');
  await way(page, 'push');
  await at(page, 'wait');
  await t.shot(page, 'waiting');
  await page.click('#type');
  await at(page, 'code');
  await t.shot(page, 'code');
};

exports['passwordless: whoever asks for a private page comes back to it'] = async (t) => {
  const user = await t.user(['totp']);
  const page = await arrive(t, VARIANT, { path: '/private/?a=1' });
  await name(page, user);
  await way(page, 'app');
  await code(page, await shown(t, user.devices.totp));
  await at(page, 'private');
  equal('/private/?a=1', new URL(page.url()).pathname + new URL(page.url()).search, 'where');
  await t.shot(page, 'private');
};

exports['passwordless: a form that is sent twice counts once'] = async (t) => {
  const user = await t.user(['totp']);
  const w = new Walker(t, VARIANT);
  await w.get('/');
  await w.post('/', { user: user.username });
  await w.get('/sign-in');
  await w.post('/sign-in', { way: 'app' });
  await w.get('/sign-in');
  for (let i = 0; i < 5; i += 1) await w.post('/sign-in', { code: '135790' });
  await w.while('checking');
  const { body } = await w.get('/sign-in');
  if (!body.includes('2 tries are left')) fail('more than one try was counted');
};

exports['passwordless: one address may not begin without end; others still may'] = async (t) => {
  const w = new Walker(t, VARIANT);
  await w.get('/');
  for (let i = 0; i < 60; i += 1) await w.post('/', { user: `nobody-${i}` });
  equal(429, (await w.send('POST', '/', { ...w.form, user: 'nobody' })).status, 'the sixty-first');
  const other = new Walker(t, VARIANT);
  await other.get('/');
  await other.post('/', { user: 'nobody' });
  // from the browser's side of the limit; what the client itself says of its address counts for nothing
  w.headers['X-Forwarded-For'] = `10.9.9.9, ${w.headers['X-Forwarded-For']}`;
  equal(429, (await w.send('POST', '/', { ...w.form, user: 'nobody' })).status, 'with an address made up');
  const page = await arrive(t, VARIANT, { extraHTTPHeaders: { 'X-Forwarded-For': w.headers['X-Forwarded-For'] } });
  t.expect(/status of 429/);
  await name(page, 'nobody');
  await at(page, 'busy');
  await t.shot(page, 'busy');
};

// ---- who asks learns nothing ----

// Walks one way through all its screens: the bytes of each, and how long each answer took.
async function walk(t, typed, which, wrongCode) {
  const w = new Walker(t, VARIANT);
  const pages = [];
  const times = [];
  const take = async (path) => {
    const answer = await w.get(path);
    pages.push(plain(answer, typed));
    times.push(answer.ms);
    return answer;
  };
  const post = async (path, fields) => {
    const answer = await w.post(path, fields);
    pages.push(`${answer.status} ${answer.headers.location}`);
    times.push(answer.ms);
  };
  await take('/');
  await post('/', { user: typed });
  await take('/sign-in');
  await post('/sign-in', { way: which });
  await take('/sign-in');
  const classes = [];
  if (which === 'text') {
    await post('/sign-in', { resend: '1' });
    await take('/sign-in');
  } else if (which === 'push') {
    await w.while('wait');
    await take('/sign-in');
  }
  for (let i = 0; i < 3; i += 1) {
    await post('/sign-in', { code: wrongCode });
    await take('/sign-in'); // checking
    classes.push(Math.round((await w.while('checking')) / 250) * 250);
    await take('/sign-in');
  }
  return { pages, times, classes };
}

for (const which of ['app', 'text', 'push']) {
  const same = `passwordless, ${which}: unknown, locked and without such a device are the same to whoever asks`;
  exports[same] = async (t) => {
    const devices = [['protect', { push: 'ignore' }], 'totp', 'sms'];
    const people = { known: await t.user(devices), bare: await t.user([]), locked: await t.user(devices) };
    const { status } = await t.tenant.api('PUT', `/api/1/users/${people.locked.id}/lock_user`, { locked_until: 30 });
    equal(200, status, 'locking');
    const names = { unknown: `person-0badc0de-${which}` };
    for (const [what, user] of Object.entries(people)) names[what] = user.username;
    const walks = {};
    await Promise.all(Object.entries(names).map(async ([what, typed]) => {
      walks[what] = await walk(t, typed, which, '135790');
    }));
    for (const what of ['bare', 'locked', 'unknown']) {
      equal(walks.known.pages.length, walks[what].pages.length, `${what}: how many answers`);
      walks.known.pages.forEach((page, i) => equal(page, walks[what].pages[i], `${what}: answer ${i + 1}`));
      // A machine that has much to do delays one answer or another, but not always those of the same name.
      const later = walks[what].classes.map((ms, i) => ms - walks.known.classes[i]);
      if (Math.min(...later) > 300 || Math.max(...later) < -300) {
        fail(`${what}: codes were answered after ${walks[what].classes} ms, of a known name ${walks.known.classes} ms`);
      }
    }
  };
}

exports['passwordless: answers to known and unknown names take the same time'] = async (t) => {
  const devices = [['protect', { push: 'ignore' }], 'totp', 'sms'];
  const times = { known: {}, unknown: {} };
  for (let round = 0; round < 9; round += 1) {
    for (const what of round % 2 ? ['known', 'unknown'] : ['unknown', 'known']) {
      const typed = what === 'known' ? (await t.user(devices)).username : `person-0${round}0badc`;
      const w = new Walker(t, VARIANT);
      const note = (step, ms) => { (times[what][step] = times[what][step] || []).push(ms); };
      note('page', (await w.get('/')).ms);
      note('name', (await w.post('/', { user: typed })).ms);
      note('ways', (await w.get('/sign-in')).ms);
      note('way', (await w.post('/sign-in', { way: ['app', 'text', 'push'][round % 3] })).ms);
      note('screen', (await w.get('/sign-in')).ms);
      note('state', (await w.send('GET', '/sign-in/state')).ms);
      note('code', (await w.post('/sign-in', { code: '135790' })).ms);
      note('checking', (await w.get('/sign-in')).ms);
      await sleep(20);
    }
  }
  // What only a known name causes takes the tenant a quarter of a second.
  for (const step of Object.keys(times.known)) {
    const [a, b] = [median(times.known[step]), median(times.unknown[step])];
    if (Math.abs(a - b) > 100) fail(`${step}: known ${a.toFixed(1)} ms, unknown ${b.toFixed(1)} ms`);
  }
};
