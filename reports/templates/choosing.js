// Which entries are shown, and in which order.

const byId = (a, b) => (a.prompt === b.prompt ? a.seed - b.seed : a.prompt < b.prompt ? -1 : 1);
const nullLast = (name) => (a, b) => (a[name] === null) - (b[name] === null);

// The same order for everyone who asks for chance: FNV-1a of the key, stirred.
function lot(entry) {
  if (entry.lot === undefined) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < entry.key.length; i++) hash = Math.imul(hash ^ entry.key.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
    entry.lot = (hash ^ (hash >>> 16)) >>> 0;
  }
  return entry.lot;
}

// What has no score comes last, whether the worst or the best is asked for: it is neither.
const ORDERS = {
  worst: (a, b) => nullLast("low")(a, b) || a.low - b.low || b.errors - a.errors || byId(a, b),
  best: (a, b) => nullLast("low")(a, b) || b.low - a.low || a.errors - b.errors || byId(a, b),
  changed: (a, b) => nullLast("spread")(a, b) || b.spread - a.spread || ORDERS.worst(a, b),
  disagree: (a, b) => nullLast("agreement")(a, b) || a.agreement - b.agreement || ORDERS.worst(a, b),
  random: (a, b) => lot(a) - lot(b) || byId(a, b),
  id: byId,
};

const folded = (text) => text.normalize("NFKC").toLowerCase();

function searchable(entry) {
  entry.searchable ??= folded(
    [entry.key, ...entry.made.flatMap((sample) => [sample.prompt, sample.text, sample.status, ...sample.tags, ...sample.targets, sample.read])].join("\n"),
  );
  return entry.searchable;
}

const isUnscored = (sample) => sample.status !== "ok" || sample.score === null;
const hasErrors = (sample) => isUnscored(sample) || sample.errors > 0 || "malformed" in sample.kinds || "astray" in sample.kinds || (sample.agreement ?? 1) < 1;

const KIND_TESTS = { any: hasErrors, none: (sample) => !hasErrors(sample), unscored: isUnscored };

function testFor(kind) {
  return KIND_TESTS[kind] ?? ((sample) => Object.hasOwn(sample.kinds, kind));
}

const isWithin = (entry, low, high) => (low <= 0 && high >= 1) || (entry.low !== null && entry.low <= high && entry.high >= low);

// Returns the entries that meet all of `wanted`: words, language, tag, kind, low, high; in its order.
function chosenEntries(wanted) {
  const words = folded(wanted.words).split(/\s+/).filter(Boolean);
  return entries
    .filter(
      (entry) =>
        (!wanted.language || entry.made.some((sample) => sample.language === wanted.language)) &&
        (!wanted.tag || entry.made.some((sample) => sample.tags.includes(wanted.tag))) &&
        (!wanted.kind || entry.made.some(testFor(wanted.kind))) &&
        isWithin(entry, wanted.low, wanted.high) &&
        words.every((word) => searchable(entry).includes(word)),
    )
    .sort(ORDERS[wanted.order]);
}

// A score never reads as perfect unless it is.
function scoreText(score) {
  if (score === null) return "—";
  const text = score.toFixed(3);
  return score < 1 && text === "1.000" ? ">0.999" : text;
}
