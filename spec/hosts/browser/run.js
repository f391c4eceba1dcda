'use strict';
// Plays the scenarios in one headless Chromium, several at a time, each in contexts of its own.
//
//   node run.js --list            their names, one a line
//   node run.js WORLD.json [part of a name]
//
// WORLD.json is written by world.lua: what was started and where.  Each scenario gives one line of JSON: name, ms, and
// error (text) where it failed.
const fs = require('fs');
const path = require('path');
const { Stage, Tenant } = require('./stage.js');

const AT_ONCE = 6;
const LIMIT = 60; // seconds a scenario may take

const scenarios = [];
for (const file of fs.readdirSync(path.join(__dirname, 'scenarios')).sort()) {
  if (file.endsWith('.js')) scenarios.push(...Object.entries(require(path.join(__dirname, 'scenarios', file))));
}

function timeout(ms) {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(`not done in ${LIMIT} s`)), ms).unref());
}

async function play(world, browser, [name, scenario]) {
  const began = Date.now();
  const stage = new Stage(world, browser, name);
  const result = { name };
  try {
    await Promise.race([scenario(stage), timeout(LIMIT * 1000)]);
    await stage.close();
    stage.check();
  } catch (error) {
    // no colours, and of the stack only what is ours
    const text = String(error.stack || error).replace(/\x1b\[\d+m/g, ''); // eslint-disable-line no-control-regex
    result.error = text.split('\n').filter((line) => !/^\s+at /.test(line) || line.includes('scenarios')).join('\n');
    const seen = await stage.last();
    if (seen) result.error += `\nseen last: ${seen}`;
    for (const value of stage.secrets) result.error = result.error.split(value).join('(secret)');
  }
  await stage.close().catch(() => {});
  result.ms = Date.now() - began;
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return stage.secrets;
}

const LOGS = 'no secret is in a log of nginx';

// nginx writes its log at once, and all requests are answered.
function logs(world, secrets) {
  const found = [];
  for (const [name, page] of Object.entries(world.pages)) {
    const text = fs.readFileSync(page.errors, 'utf8');
    for (const value of [page.client_secret, ...secrets]) {
      if (text.includes(value)) found.push(`one of ${value.length} characters in that of ${name}`);
    }
  }
  return { name: LOGS, ms: 0, error: found.length ? found.join(', ') : undefined };
}

async function main([file, part]) {
  const world = JSON.parse(fs.readFileSync(file, 'utf8'));
  world.tenant = new Tenant(world.tenant);
  const { chromium } = require(path.join(world.modules, 'playwright-core'));
  // The only names there are: *.test, all on this machine.
  const browser = await chromium.launch({
    executablePath: world.chromium,
    args: ['--no-sandbox', '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  const secrets = new Set();
  const queue = scenarios.filter(([name]) => !part || name.includes(part));
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (queue.length) {
      for (const value of await play(world, browser, queue.shift())) secrets.add(value);
    }
  }));
  await browser.close();
  process.stdout.write(`${JSON.stringify(logs(world, secrets))}\n`);
}

if (process.argv[2] === '--list') {
  for (const name of [...scenarios.map(([known]) => known), LOGS]) process.stdout.write(`${name}\n`);
} else {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.stack || error}\n`);
    process.exit(1);
  });
}
