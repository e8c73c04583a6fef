// The samples: read from the page, sorted and filtered.

const samples = JSON.parse(document.getElementById("samples").textContent);

for (const sample of samples) {
  sample.key = `${sample.prompt}/${sample.seed}`;
  sample.hash = `#${encodeURIComponent(sample.prompt)}/${sample.seed}`;
}

const samplesByHash = new Map(samples.map((sample) => [sample.hash, sample]));

const byId = (a, b) => (a.prompt === b.prompt ? a.seed - b.seed : a.prompt < b.prompt ? -1 : 1);
const scoredFirst = (a, b) => (a.score === null) - (b.score === null);

// What has no score comes last, whether the worst or the best is asked for: it is neither.
const ORDERS = {
  worst: (a, b) => scoredFirst(a, b) || a.score - b.score || b.errors - a.errors || byId(a, b),
  disagree: (a, b) => (a.agreement === null) - (b.agreement === null) || a.agreement - b.agreement || ORDERS.worst(a, b),
  best: (a, b) => scoredFirst(a, b) || b.score - a.score || a.errors - b.errors || byId(a, b),
  id: byId,
};

const folded = (text) => text.normalize("NFKC").toLowerCase();

function searchable(sample) {
  sample.searchable ??= folded(
    [
      sample.key,
      sample.text,
      sample.status,
      sample.reason ?? "",
      ...sample.tags,
      ...sample.regions.map((region) => region.target ?? ""),
      ...sample.lines.map((line) => line.text),
      ...sample.others.flatMap((other) => other.lines),
      ...sample.suspects.map((suspect) => suspect.target),
    ].join("\n"),
  );
  return sample.searchable;
}

const isAstray = ({ layout }) => Boolean(layout && layout.in_place !== null && layout.in_place < layout.placed);

const hasErrors = (sample) =>
  isAstray(sample) || sample.status !== "ok" || sample.score === null || sample.errors > 0 || sample.suspects.length > 0 || (sample.agreement ?? 1) < 1;

// Returns the samples that meet all of `wanted`: words, language, tag, errorsOnly, order.
function chosenSamples(wanted) {
  const words = folded(wanted.words).split(/\s+/).filter(Boolean);
  return samples
    .filter(
      (sample) =>
        (!wanted.language || sample.language === wanted.language) &&
        (!wanted.tag || sample.tags.includes(wanted.tag)) &&
        (!wanted.errorsOnly || hasErrors(sample)) &&
        words.every((word) => searchable(sample).includes(word)),
    )
    .sort(ORDERS[wanted.order]);
}

// A score never reads as perfect unless it is.
function scoreText(score) {
  if (score === null) return "—";
  const text = score.toFixed(3);
  return score < 1 && text === "1.000" ? ">0.999" : text;
}
