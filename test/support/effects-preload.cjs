// Loaded into the agent by `node --require`, before its bundle: records each outside effect of the agent (files
// created, written, renamed, removed; processes started and signalled) and, when told so, kills the agent by SIGKILL right
// before one of them. The children of the agent are not touched: `--require` is not inherited.
//
//   EFFECTS_RECORD  file to which one line per effect is appended
//   EFFECTS_ARM     file that holds a number n: from when it appears, the agent dies before its n-th effect (from 1);
//                   or a text: it dies before the first effect whose name or details contain it

const fs = require('node:fs');
const childProcess = require('node:child_process');

// As they are before they are patched; `appendFileSync` would call the patched `writeFileSync`.
const { openSync, writeSync, closeSync, readFileSync } = fs;
const kill = process.kill.bind(process);
const record = process.env.EFFECTS_RECORD;
const arm = process.env.EFFECTS_ARM;
let effectsSinceArmed = 0;
let lastLimit = null;

function readArm() {
  try {
    return readFileSync(arm, 'utf8');
  } catch {
    // Not armed yet.
    return null;
  }
}

function note(name, ...details) {
  const limit = readArm();
  // Armed anew, an agent that lived through the last time counts from 1 again.
  if (limit !== lastLimit) effectsSinceArmed = 0;
  lastLimit = limit;
  if (limit === null) return;
  effectsSinceArmed += 1;
  const isLast = /^\d+$/.test(limit)
    ? effectsSinceArmed === Number(limit)
    : [name, ...details].join(' ').includes(limit);
  const file = openSync(record, 'a');
  writeSync(file, `${JSON.stringify({ n: effectsSinceArmed, name, details, killed: isLast })}\n`);
  closeSync(file);
  if (isLast) {
    kill(process.pid, 'SIGKILL');
    // The signal is on its way; nothing of this effect may happen before it lands.
    for (;;);
  }
}

const WRITE_BITS = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT;
const isWrite = (flags) =>
  typeof flags === 'number' ? (flags & WRITE_BITS) !== 0 : typeof flags === 'string' && /[wa+]/.test(flags);

function patch(target, name, describe) {
  const original = target[name];
  target[name] = function patched(...args) {
    const details = describe(...args);
    if (details !== null) note(name.replace(/Sync$/, ''), ...details);
    return original.apply(this, args);
  };
}

const onePath = (file) => [String(file)];
const twoPaths = (from, to) => [String(from), String(to)];
const opened = (file, flags) => (isWrite(flags) ? [String(file)] : null);

for (const [name, describe] of Object.entries({
  rename: twoPaths,
  link: twoPaths,
  symlink: twoPaths,
  copyFile: twoPaths,
  unlink: onePath,
  rm: onePath,
  rmdir: onePath,
  writeFile: onePath,
  open: opened,
})) {
  patch(fs.promises, name, describe);
  patch(fs, `${name}Sync`, describe);
}
for (const target of [fs.promises, fs]) {
  patch(target, target === fs ? 'mkdirSync' : 'mkdir', (file, options) =>
    options?.recursive === true ? null : [String(file)],
  );
}

// Between creating a file and writing it: an empty file lies there.
const { open } = fs.promises;
fs.promises.open = async function openAndWatch(file, flags, mode) {
  const handle = await open.call(this, file, flags, mode);
  if (!isWrite(flags)) return handle;
  const writeFile = handle.writeFile.bind(handle);
  handle.writeFile = (...args) => {
    note('write', String(file));
    return writeFile(...args);
  };
  return handle;
};

patch(childProcess, 'spawn', (file) => [String(file)]);
patch(childProcess, 'execFile', (file) => [String(file)]);
patch(childProcess.ChildProcess.prototype, 'kill', (signal) => [String(signal)]);
patch(process, 'kill', (pid, signal) => (signal === 0 ? null : [String(pid), String(signal)]));
