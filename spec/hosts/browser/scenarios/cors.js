'use strict';
// What a browser makes of a session token in a script: it is good only on a site that was announced with the password.
const fs = require('fs');
const https = require('https');
const { equal, fail } = require('../stage.js');

const COOKIE = 'sub_session_onelogin.com';

// An empty site of its own, under any name *.test.
async function site(t, run) {
  const files = { cert: fs.readFileSync(t.world.certificate), key: fs.readFileSync(t.world.key) };
  const server = https.createServer(files, (request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang=en><title>A site</title><link rel=icon href="data:,"><h1>A site</h1>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run(server.address().port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function token(t, user, origins) {
  const { status, body } = await t.tenant.api('POST', '/api/1/login/auth',
    { username_or_email: user.username, password: user.password, subdomain: 'acme' },
    { 'Custom-Allowed-Origin-Header-1': origins });
  equal(200, status, 'login/auth');
  return t.secret(body.data[0].session_token);
}

function redeem(page, url, value) {
  return page.evaluate(async ([address, session_token]) => {
    try {
      const answer = await fetch(`${address}/session_via_api_token`, {
        method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ session_token }),
      });
      return `answered ${answer.status} "${await answer.text()}"`;
    } catch (error) {
      return error.name;
    }
  }, [url, value]);
}

async function cookies(page, url) {
  return (await page.context().cookies(url)).filter((cookie) => cookie.name === COOKIE);
}

exports['CORS: an announced origin turns the session token into the cookie'] = (t) => site(t, async (port) => {
  const user = await t.user();
  const origin = `https://127.0.0.1:${port}`;
  const page = await t.page();
  await page.goto(origin);
  const value = await token(t, user, `https://elsewhere.example,${origin}`);
  equal('answered 200 ""', await redeem(page, t.tenant.https_url, value), 'the script');
  const [cookie] = await cookies(page, t.tenant.https_url);
  if (!cookie) fail('no session cookie');
  equal([true, true, 'None'], [cookie.httpOnly, cookie.secure, cookie.sameSite], 'cookie');
  t.secret(cookie.value);
  await page.goto(`${t.tenant.https_url}/portal`);
  const text = await page.innerText('body');
  if (!text.includes(user.username)) fail(`the portal does not know the person: ${text}`);
  await t.shot(page, 'portal');
  await page.goto(origin);
  t.expect(/status of 403|blocked by CORS policy|net::ERR_FAILED/);
  equal('TypeError', await redeem(page, t.tenant.https_url, value), 'the token a second time');
});

exports['CORS: any other origin gets nothing, and the token stays good'] = (t) => site(t, async (port) => {
  const user = await t.user();
  const value = await token(t, user, `https://login.acme.test:${port}`);
  t.expect(/blocked by CORS policy|net::ERR_FAILED|status of 403/);
  for (const name of ['other.acme.test', 'login.acme.test.evil.test']) {
    const page = await t.page();
    await page.goto(`https://${name}:${port}`);
    equal('TypeError', await redeem(page, t.tenant.https_url, value), name);
    equal([], await cookies(page, t.tenant.https_url), `cookies of ${name}`);
  }
  const page = await t.page();
  await page.goto(`https://login.acme.test:${port}`);
  equal('answered 200 ""', await redeem(page, t.tenant.https_url, value), 'the announced origin afterwards');
});
