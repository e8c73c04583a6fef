// The gallery's entries: loaded from the page itself or from scripts beside it, in parts, the details when needed.

const entries = [];
const prompts = [];
const loading = new Map(); // promises by the name of a part
const waiting = new Map(); // what to call when a part comes

// What the scripts call. Their data come as text, so that nothing in them is code.
window.glyphbench = (name, text) => waiting.get(name)?.(JSON.parse(text));

function load(name) {
  if (!loading.has(name)) loading.set(name, new Promise((resolve, reject) => loadPart(name, resolve, reject)));
  return loading.get(name);
}

function loadPart(name, resolve, reject) {
  const inline = document.getElementById(name);
  if (inline) {
    resolve(JSON.parse(inline.textContent));
    return;
  }
  const script = element("script", { src: `data/${name}.js` });
  waiting.set(name, resolve);
  script.addEventListener("load", () => script.remove());
  script.addEventListener("error", () => {
    const gone = document.getElementById("gone");
    gone.textContent = T("gone", { name: `data/${name}.js` });
    gone.hidden = false;
    reject(new Error(name));
  });
  document.head.append(script);
}

function addPart(part) {
  prompts.push(...part.prompts);
  for (const rows of part.entries) {
    const samples = rows.map((row, run) => row && { ...prompts[row.prompt], ...row, prompt: prompts[row.prompt].prompt, run: start.runs[run] });
    entries.push(entryOf(samples));
  }
}

// One picture, or one a run: `low` and `high` are the scores' ends, `change` is how far the last run is from the first.
function entryOf(samples) {
  const made = samples.filter(Boolean);
  const scores = made.map((sample) => sample.score).filter((score) => score !== null);
  const [{ prompt, seed }] = made;
  return {
    number: entries.length,
    samples,
    made,
    prompt,
    seed,
    key: `${prompt}/${seed}`,
    hash: `#${encodeURIComponent(prompt)}/${seed}`,
    low: scores.length ? Math.min(...scores) : null,
    high: scores.length ? Math.max(...scores) : null,
    spread: scores.length > 1 ? Math.max(...scores) - Math.min(...scores) : null,
    errors: made.reduce((sum, sample) => sum + (sample.errors ?? 0), 0),
    agreement: made.reduce((least, sample) => (sample.agreement === null ? least : Math.min(least ?? 1, sample.agreement)), null),
    isDetailed: false,
  };
}

// Completes an entry's samples with their details.
async function detailed(entry) {
  if (entry.isDetailed) return;
  const details = await load(`details-${Math.floor(entry.number / start.inDetails)}`);
  entry.samples.forEach((sample, run) => sample && Object.assign(sample, details[entry.number % start.inDetails][run]));
  entry.isDetailed = true;
}

const address = (sample, file) => (file.startsWith("data:image/") ? file : sample.run.base + file);
