const GRID = 50, MOST_POINTS = 400;
const byId = id => document.getElementById(id), sum = numbers => numbers.reduce((a, b) => a + b, 0);
const nin = data.sizes[0], count = data.y.length, layerCount = data.layers.length;
const samples = data.y.map((_, i) => Float64Array.from(data.x.slice(i * nin, (i + 1) * nin)));

// Training. A program for one sample is called for each of a batch, and its gradients are added up.

const initial = data.weights.map(w => Float64Array.from(w));
const weights = initial.map(w => w.slice()), gradients = initial.map(w => new Float64Array(w.length));
const placeOf = [];  // of each layer: where its weight and its bias are among the weights
for (const [layer, names] of data.names.entries())
  placeOf.push(Object.fromEntries(names.map((name, i) => [name, sum(data.names.slice(0, layer).map(n => n.length)) + i])));

const chosen = { rate: 0.1, batch: Math.min(32, count), activation: data.activation, penalty: "none", strength: 0.001,
  speed: "fast" };
let steps, seen, seed, order, position, upcoming, history, norms, failed;

function random() {  // the linear congruential generator of Numerical Recipes
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
}

function drawBatch() {
  const size = Math.min(chosen.batch, count);
  if (position + size > count) {
    position = 0;
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
  }
  upcoming = order.slice(position, position + size);
}

function differentiate(batch) {  // fills the gradients of the loss over a batch; returns that loss
  const { sample } = programs.activations[chosen.activation], given = [...weights, null, 0], last = weights.length;
  for (const gradient of gradients) gradient.fill(0);
  let total = 0;
  for (const i of batch) {
    given[last] = samples[i];
    given[last + 1] = data.y[i];
    const found = sample.apply(null, given);
    total += found[0];
    for (let p = 0; p < gradients.length; p++) {
      const gradient = gradients[p], part = found[p + 1];
      for (let k = 0; k < gradient.length; k++) gradient[k] += part[k];
    }
  }
  for (const gradient of gradients) for (let k = 0; k < gradient.length; k++) gradient[k] /= batch.length;
  total /= batch.length;
  if (chosen.penalty !== "none") {
    const found = programs.penalties[chosen.penalty](...weights, chosen.strength);
    total += found[0];
    gradients.forEach((gradient, p) => { for (let k = 0; k < gradient.length; k++) gradient[k] += found[p + 1][k]; });
  }
  return total;
}

function step() {
  if (failed) return;
  try {
    const loss = differentiate(upcoming);
    failed = !Number.isFinite(loss);
  } catch (error) {  // a question about numbers that nan answers otherwise
    failed = true;
  }
  if (failed) return;
  norms = placeOf.map(places => Math.sqrt(sum(Object.values(places).map(p => sum([...gradients[p].map(g => g * g)])))));
  for (let p = 0; p < weights.length; p++) {
    if (!data.trains[p]) continue;
    const weight = weights[p], gradient = gradients[p];
    for (let k = 0; k < weight.length; k++) weight[k] -= chosen.rate * gradient[k];
  }
  steps++;
  seen += upcoming.length;
  position += upcoming.length;
  drawBatch();
}

function evaluate() {  // the loss over all samples, and the share that is classified rightly
  const { outputs } = programs.activations[chosen.activation], given = [...weights, null, 0], last = weights.length;
  let loss = 0, right = 0;
  try {
    for (let i = 0; i < count; i++) {
      given[last] = samples[i];
      given[last + 1] = data.y[i];
      const found = outputs.apply(null, given);
      loss += found[layerCount + 1];
      if (data.task !== "number") right += classOf(found[layerCount]) === data.y[i];
    }
  } catch (error) {  // a question about numbers that nan answers otherwise
    loss = NaN;
  }
  loss /= count;
  failed ||= !Number.isFinite(loss);
  return { loss, right: right / count };
}

const classOf = predicted => predicted.length === 1 ? Number(predicted[0] > 0.5) : predicted.indexOf(Math.max(...predicted));

function restart() {
  weights.forEach((w, p) => w.set(initial[p]));
  steps = seen = position = 0;
  seed = 1;
  failed = false;
  order = Int32Array.from({ length: count }, (_, i) => i);
  position = count;
  norms = null;
  history = { every: 1, points: [] };
  drawBatch();
  record();
}

let latest;
function record() {  // a point of the curves; of many, every other one is dropped
  latest = evaluate();
  if (failed) return;
  const { points } = history;
  if (points.length && points[points.length - 1].step === steps) points.pop();
  if (points.length && steps - points[points.length - 1].step < history.every) return;
  points.push({ step: steps, loss: latest.loss, norms });
  if (points.length > MOST_POINTS) {
    history.points = points.filter((_, i) => i % 2 === 0);
    history.every = Math.max(1, 2 * history.every);
  }
}

// Colours

const theme = {};
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["page", "ink", "muted", "ground", "line", "high", "low", "middle"])
    theme[name] = style.getPropertyValue("--" + name).trim();
  theme.diverging = Array.from({ length: 257 }, (_, i) => {
    const t = i / 128 - 1;
    return blend(rgb(theme.middle), rgb(t < 0 ? theme.low : theme.high), Math.abs(t));
  });
  theme.neutral = rgb(theme.middle);
  theme.pixels = Uint32Array.from(theme.diverging, pixel);
  theme.classes = (data.task === "two" ? [theme.low, theme.high] : data.colours).map(rgb);
}
const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
const blend = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
const css = ([r, g, b]) => "rgb(" + r + "," + g + "," + b + ")";
const shade = t => t > -1 ? t < 1 ? Math.round(128 * t + 128) : 256 : t <= -1 ? 0 : 128;  // for nan the middle
const pixel = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;

function surroundings() {  // the element that this page is a frame in, unless it is of another origin
  try {
    return window.frameElement;
  } catch (error) {
    return null;
  }
}

function brightness(element, property) {  // from 0 to 255; null for what is transparent
  const [r, g, b, alpha = 1] = getComputedStyle(element)[property].match(/[\d.]+/g).map(Number);
  return alpha > 0.5 ? 0.299 * r + 0.587 * g + 0.114 * b : null;
}

function isDark() {  // as the page around this one is, or else as the system is
  const frame = surroundings();
  if (!frame) return matchMedia("(prefers-color-scheme: dark)").matches;
  for (let e = frame; e; e = e.parentElement) {
    const ground = brightness(e, "backgroundColor");
    if (ground !== null) return ground < 128;
  }
  return brightness(frame, "color") > 128;
}

function setTheme() {
  const now = isDark() ? "dark" : "light";
  if (document.documentElement.dataset.theme === now) return;
  document.documentElement.dataset.theme = now;
  readTheme();
  describe();
  draw();
}

// The surface: what the network returns on a grid over two features, the others at their mean

const mean = Float64Array.from({ length: nin }, (_, f) => sum(samples.map(x => x[f])) / count);
const ranges = data.features.map(f => {
  const values = samples.map(x => x[f]);
  let low = values[0], high = values[0];
  for (const v of values) { low = Math.min(low, v); high = Math.max(high, v); }
  const margin = 0.08 * (high - low) || 1;
  return [low - margin, high + margin];
});
const target = data.task === "number" ? (() => {
  let low = data.y[0], high = data.y[0];
  for (const v of data.y) { low = Math.min(low, v); high = Math.max(high, v); }
  return { low, high: high > low ? high : low + 1 };
})() : null;
const ofTarget = y => 2 * (y - target.low) / (target.high - target.low) - 1;
const maps = data.sizes.slice(1).map(n => Array.from({ length: n }, () => new Float32Array(GRID * GRID)));
const shown = new ImageData(GRID, GRID), shownPixels = new Uint32Array(shown.data.buffer);

function fill() {
  const { outputs } = programs.activations[chosen.activation], x = mean.slice(), given = [...weights, x, data.y[0]];
  const [a, b] = data.features, [[left, right], [bottom, top]] = ranges;
  for (let row = 0; row < GRID; row++) {
    x[b] = top - (top - bottom) * (row + 0.5) / GRID;
    for (let column = 0; column < GRID; column++) {
      const place = row * GRID + column;
      x[a] = left + (right - left) * (column + 0.5) / GRID;
      const found = outputs.apply(null, given);
      for (let layer = 0; layer < layerCount; layer++)
        for (let unit = 0; unit < maps[layer].length; unit++) maps[layer][unit][place] = found[layer][unit];
      shownPixels[place] = pixelOf(found[layerCount]);
    }
  }
}

function pixelOf(predicted) {
  if (data.task === "number") return theme.pixels[shade(ofTarget(predicted[0]))];
  if (data.task === "two") return theme.pixels[shade(0.65 * (2 * predicted[0] - 1))];
  const best = classOf(predicted), chance = 1 / predicted.length;
  const strength = 0.65 * Math.max(0, (predicted[best] - chance) / (1 - chance));
  return pixel(blend(theme.neutral, theme.classes[best], strength));
}

const pixels = new OffscreenCanvas(GRID, GRID);
function drawSurface() {
  const { context, width, height } = sized(byId("surface"), w => Math.min(w, 560));
  const left = 44, bottom = 34, side = { x: width - left - 8, y: height - bottom - 6 };
  pixels.getContext("2d").putImageData(shown, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(pixels, left, 6, side.x, side.y);
  const place = x => data.features.map((f, axis) => {
    const share = (x[f] - ranges[axis][0]) / (ranges[axis][1] - ranges[axis][0]);
    return axis ? 6 + side.y * (1 - share) : left + side.x * share;
  });
  const radius = count > 1000 ? 2 : count > 300 ? 3 : 4;
  context.lineWidth = radius > 2 ? 1.2 : 0.7;
  context.strokeStyle = data.task === "number" ? theme.ink : theme.page;
  samples.forEach((x, i) => {
    context.fillStyle = css(data.task === "number" ? theme.diverging[shade(ofTarget(data.y[i]))] : theme.classes[data.y[i]]);
    context.beginPath();
    context.arc(...place(x), radius, 0, 7);
    context.fill();
    context.stroke();
  });
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(left, 6, side.x, side.y);
  context.fillStyle = theme.muted;
  context.font = "12px Helvetica, Arial, sans-serif";
  for (const axis of [0, 1]) {
    ranges[axis].forEach((value, end) => {
      const text = short(value);
      if (axis) { context.textAlign = "right"; context.fillText(text, left - 5, end ? 16 : 6 + side.y); }
      else { context.textAlign = end ? "right" : "left"; context.fillText(text, end ? left + side.x : left, height - 18); }
    });
  }
  context.textAlign = "center";
  context.fillText("feature " + data.features[0], left + side.x / 2, height - 6);
  context.save();
  context.translate(12, 6 + side.y / 2);
  context.rotate(-Math.PI / 2);
  context.fillText("feature " + data.features[1], 0, 0);
  context.restore();
}

const short = x => (x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(1) : String(Number(x.toPrecision(3)))).replace(/-/g, "−");

function sized(canvas, heightOf) {  // sharp on every screen
  const width = canvas.clientWidth || 300, height = Math.round(heightOf(width)), scale = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.style.height = height + "px";
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// The network: a picture for each neuron, a line for each weight

let selected = null;  // {layer, unit, input}, where input is -1 for the bias
const tallest = Math.max(...data.sizes), layout = { boxes: [], spots: [] };

function arrange(width) {
  const wide = width / data.sizes.length, high = Math.max(220, Math.min(620, tallest * 46));
  const gaps = data.sizes.map(n => Math.min(high / n, 74));
  layout.height = high + 26;
  layout.boxes = gaps.map(gap => Math.max(5, Math.min(36, 0.5 * wide, 0.82 * gap)));
  layout.spots = data.sizes.map((n, column) => Array.from({ length: n }, (_, unit) =>
    [wide * (column + 0.5), 22 + high / 2 + gaps[column] * (unit - (n - 1) / 2)]));
}

const picture = new OffscreenCanvas(GRID, GRID), image = new ImageData(GRID, GRID);
const imagePixels = new Uint32Array(image.data.buffer);
function drawNetwork() {
  const canvas = byId("network");
  arrange(canvas.clientWidth || 300);
  const { context } = sized(canvas, () => layout.height), { boxes, spots } = layout;
  for (let layer = 0; layer < layerCount; layer++) drawWeights(context, layer);
  if (selected && selected.input >= 0) drawWeight(context, selected.layer, selected.unit, selected.input, true);
  for (let column = 0; column < spots.length; column++) {
    const largest = column ? Math.max(...maps[column - 1].map(map => map.reduce((m, x) => Math.max(m, Math.abs(x)), 0))) : 1;
    const box = boxes[column];
    spots[column].forEach(([x, y], unit) => {
      paint(column, unit, largest || 1);
      context.imageSmoothingEnabled = true;
      context.drawImage(picture, x - box / 2, y - box / 2, box, box);
      const isChosen = selected && selected.input < 0 && selected.layer === column - 1 && selected.unit === unit;
      context.strokeStyle = isChosen ? theme.ink : theme.line;
      context.lineWidth = isChosen ? 3 : 1;
      context.strokeRect(x - box / 2, y - box / 2, box, box);
    });
    context.fillStyle = theme.muted;
    context.font = "12px Helvetica, Arial, sans-serif";
    context.textAlign = "center";
    context.fillText(column ? String(data.sizes[column]) : nin + " in", spots[column][0][0], 13);
  }
}

function paint(column, unit, largest) {
  const map = column ? maps[column - 1][unit] : inputMaps[data.features.indexOf(unit)], { pixels } = theme;
  for (let place = 0; place < GRID * GRID; place++) imagePixels[place] = pixels[map ? shade(map[place] / largest) : 128];
  picture.getContext("2d").putImageData(image, 0, 0);
}

const inputMaps = [  // the two features themselves
  Float32Array.from({ length: GRID * GRID }, (_, place) => 2 * (place % GRID + 0.5) / GRID - 1),
  Float32Array.from({ length: GRID * GRID }, (_, place) => 1 - 2 * (Math.floor(place / GRID) + 0.5) / GRID),
];

const weightOf = layer => weights[placeOf[layer].weight], biasOf = layer => weights[placeOf[layer].bias];

function drawWeights(context, layer) {
  const weight = weightOf(layer), largest = weight.reduce((m, w) => Math.max(m, Math.abs(w)), 0) || 1;
  const inputs = data.sizes[layer];
  for (let k = 0; k < weight.length; k++) {
    const share = weight[k] / largest;
    if (Math.abs(share) > 0.02) drawWeight(context, layer, Math.floor(k / inputs), k % inputs, false, share);
  }
}

function ends(layer, unit, input) {
  const [x0, y0] = layout.spots[layer][input], [x1, y1] = layout.spots[layer + 1][unit];
  return [x0 + layout.boxes[layer] / 2, y0, x1 - layout.boxes[layer + 1] / 2, y1];
}

function drawWeight(context, layer, unit, input, isChosen, share = 1) {
  const [x0, y0, x1, y1] = ends(layer, unit, input);
  const thin = Math.min(1, 24 / Math.max(data.sizes[layer], data.sizes[layer + 1]));  // where there are many
  context.strokeStyle = isChosen ? theme.ink : share < 0 ? theme.low : theme.high;
  context.globalAlpha = isChosen ? 1 : (0.25 + 0.65 * Math.abs(share)) * thin;
  context.lineWidth = isChosen ? 4 : (0.5 + 3.5 * Math.abs(share)) * thin;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
  context.globalAlpha = 1;
}

function nearest(x, y, reach) {  // the neuron or weight at a point of the picture
  const { spots, boxes } = layout;
  for (let column = 1; column < spots.length; column++)
    for (let unit = 0; unit < spots[column].length; unit++) {
      const [a, b] = spots[column][unit];
      if (Math.max(Math.abs(a - x), Math.abs(b - y)) <= boxes[column] / 2 + 1 && biasOf(column - 1)) return { layer: column - 1, unit, input: -1 };
    }
  let best = null, least = reach;
  for (let layer = 0; layer < layerCount; layer++)
    for (let unit = 0; unit < data.sizes[layer + 1]; unit++)
      for (let input = 0; input < data.sizes[layer]; input++) {
        const [x0, y0, x1, y1] = ends(layer, unit, input), dx = x1 - x0, dy = y1 - y0;
        const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
        const distance = Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
        if (distance < least) { least = distance; best = { layer, unit, input }; }
      }
  return best;
}

function select(found) {
  selected = found;
  inspect();
  drawNetwork();
}

function inspect() {
  const text = byId("inspected");
  if (!selected) {
    text.textContent = "Click a line for its weight, a square for its bias: their gradients stand here.\n"
      + "Orange is positive, blue negative; each square is what the neuron returns over the two features.";
    return;
  }
  const { layer, unit, input } = selected, p = placeOf[layer][input < 0 ? "bias" : "weight"];
  const k = input < 0 ? unit : unit * data.sizes[layer] + input, weight = weights[p][k];
  try { differentiate(upcoming); } catch (error) { failed = true; }
  const gradient = gradients[p][k], next = data.trains[p] ? weight - chosen.rate * gradient : weight;
  const from = layer ? "neuron " + input + " of layer " + layer : "feature " + input;
  const name = (input < 0 ? "bias of " : "weight from " + from + " to ") + "neuron " + unit + " of layer " + (layer + 1);
  const sizeText = upcoming.length === 1 ? "the next sample" : "the next " + upcoming.length + " samples";
  text.textContent = name + ": " + figure(weight) + "\ngradient now: " + figure(gradient) + ", over " + sizeText + "\n"
    + (data.trains[p] ? "after the next step: " + figure(weight) + " − " + chosen.rate + " × " + figure(gradient, true)
      + " = " + figure(next) : "frozen: a step leaves it as it is");
}

const figure = (x, inParentheses = false) => {
  const text = !Number.isFinite(x) ? String(x) : x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(3) : x.toPrecision(4);
  const shownText = text.replace("-", "−").replace("e-", "e−");
  return inParentheses && x < 0 ? "(" + shownText + ")" : shownText;
};

// Curves, on a logarithmic scale

function drawCurves() {
  curve(byId("loss"), history.points.map(p => [p.step, [p.loss]]), [theme.ink]);
  curve(byId("norms"), history.points.filter(p => p.norms).map(p => [p.step, p.norms]), layerColours());
}

const layerColours = () => data.layers.map((_, layer) =>
  css(blend(rgb(theme.low), rgb(theme.high), layerCount > 1 ? layer / (layerCount - 1) : 1)));

function curve(canvas, points, colours) {
  const { context, width, height } = sized(canvas, w => Math.max(120, Math.min(220, 0.48 * w)));
  const left = 52, bottom = 20, top = 8, right = 8;
  const numbers = points.flatMap(([, ys]) => ys).filter(y => y > 0 && Number.isFinite(y));
  let low = Math.log10(Math.min(...numbers)), high = Math.log10(Math.max(...numbers));
  if (!numbers.length) { low = -1; high = 0; }
  if (high - low < 0.4) { low -= 0.2; high += 0.2; }
  const last = points.length ? points[points.length - 1][0] : 0;
  const at = (step, y) => [left + (width - left - right) * (last ? step / last : 0),
    top + (height - top - bottom) * (1 - (Math.log10(Math.max(y, 1e-300)) - low) / (high - low))];
  context.font = "12px Helvetica, Arial, sans-serif";
  context.fillStyle = theme.muted;
  context.strokeStyle = theme.ground;
  context.textAlign = "right";
  for (const share of [0, 0.5, 1]) {
    const y = top + (height - top - bottom) * (1 - share);
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(width - right, y);
    context.stroke();
    if (numbers.length) context.fillText(short(10 ** (low + share * (high - low))), left - 6, y + 4);
  }
  context.fillText(last.toLocaleString("en") + (last === 1 ? " step" : " steps"), width - right, height - 4);
  colours.forEach((colour, i) => {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.beginPath();
    for (const [step, ys] of points) if (Number.isFinite(ys[i])) context.lineTo(...at(step, ys[i]));
    context.stroke();
    if (points.length === 1 && Number.isFinite(points[0][1][i])) {
      context.fillStyle = colour;
      context.fillRect(...at(points[0][0], points[0][1][i]).map(c => c - 2), 4, 4);
    }
  });
}

// The page

function describe() {  // words that change only with the theme
  byId("what").textContent = data.task === "number" ? "prediction" : "decision surface";
  byId("loss-name").textContent = data.loss + " over all " + count.toLocaleString("en") + " samples";
  byId("legend").replaceChildren(...(data.task === "number" ? [
    swatch(theme.low, short(target.low)), swatch(theme.middle, short((target.low + target.high) / 2)), swatch(theme.high, short(target.high)),
  ] : data.classes.map((name, i) => swatch(css(theme.classes[i]), name))),
  ...(nin > 2 ? [document.createTextNode("other features at their mean")] : []));
  byId("layers").replaceChildren(...layerColours().map((colour, i) => swatch(colour, i + 1 + ": " + data.layers[i])));
}

function swatch(colour, text) {
  const span = document.createElement("span"), mark = document.createElement("i");
  mark.className = "swatch";
  mark.style.background = colour;
  span.append(mark, text);
  return span;
}

function draw() {
  if (!failed) fill();
  drawSurface();
  drawNetwork();
  drawCurves();
  if (selected) inspect();
  const { loss, right } = latest, epochs = (seen / count).toFixed(seen < 10 * count ? 1 : 0);
  byId("status").classList.toggle("alarm", failed);
  byId("status").textContent = failed
    ? "after step " + steps + " the loss is no finite number: the rate is too large. Reset, and choose a smaller one."
    : "step " + steps.toLocaleString("en") + " · epoch " + epochs + " · loss " + figure(loss)
      + (data.task === "number" ? "" : " · " + (100 * right).toFixed(1) + " % right");
  byId("surface").setAttribute("aria-label", byId("what").textContent + " after " + steps + " steps");
  byId("network").setAttribute("aria-label", "network of " + data.sizes.join(", ") + " units");
  for (const id of ["loss", "norms"]) byId(id).setAttribute("aria-label", id === "loss" ? "loss " + figure(loss)
    : "gradient norms by layer: " + (norms || []).map(n => figure(n)).join(", "));
}

const SPEEDS = { "1 step/s": 1, "5 steps/s": 5, "30 steps/s": 30, fast: Infinity };
let isTraining = false, due = 0, previous = 0, paintTime = 8;

function frame(now) {
  if (!isTraining) return;
  const perSecond = SPEEDS[chosen.speed];
  if (perSecond === Infinity) {  // as much time for steps as for the picture, and at least half a frame
    const end = performance.now() + Math.max(8, paintTime);
    do step(); while (performance.now() < end && !failed);
    update();
  } else {
    due += Math.min(1, (now - previous) / 1000) * perSecond;
    if (due >= 1) {
      for (; due >= 1; due--) step();
      update();
    }
  }
  previous = now;
  if (failed) setTraining(false);
  else requestAnimationFrame(frame);
}

function update() {
  const begun = performance.now();
  record();
  draw();
  paintTime = performance.now() - begun;
}

function setTraining(on) {
  isTraining = on && !failed;
  byId("train").textContent = isTraining ? "❚❚ pause" : "▶ train";
  if (!isTraining) return;
  due = 1;
  previous = performance.now();
  requestAnimationFrame(frame);
}

function single() {
  setTraining(false);
  step();
  update();
}

function reset() {
  setTraining(false);
  restart();
  draw();
}

function offer(id, choices, now) {
  const select = byId(id);
  for (const [text, value] of choices) {
    const option = new Option(text, value);
    option.selected = String(value) === String(now);
    select.append(option);
  }
  select.addEventListener("change", () => {
    chosen[id] = typeof chosen[id] === "number" ? Number(select.value) : select.value;
    if (id === "batch") drawBatch();
    if (id === "penalty") byId("strength").disabled = chosen.penalty === "none";
    if (id !== "speed") update();
  });
}

const same = values => values.map(value => [String(value), value]);
offer("speed", same(Object.keys(SPEEDS)), chosen.speed);
offer("rate", same([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]), chosen.rate);
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256].filter(n => n < count);
offer("batch", [...same(sizes), ["all " + count, count]], chosen.batch);
offer("activation", same(Object.keys(programs.activations)), chosen.activation);
offer("penalty", same(["none", "L1", "L2"]), chosen.penalty);
offer("strength", same([0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1]), chosen.strength);
byId("strength").disabled = true;

byId("train").addEventListener("click", () => setTraining(!isTraining));
byId("step").addEventListener("click", single);
byId("reset").addEventListener("click", reset);

byId("network").addEventListener("pointerdown", event => {
  const box = byId("network").getBoundingClientRect();
  select(nearest(event.clientX - box.left, event.clientY - box.top, event.pointerType === "touch" ? 16 : 8));
});

function walk(key) {  // the weights of a layer one after the other, each neuron's bias after its weights
  if (!selected) return { layer: 0, unit: 0, input: 0 };
  let { layer, unit, input } = selected;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    layer = Math.max(0, Math.min(layerCount - 1, layer + (key === "ArrowRight" ? 1 : -1)));
    return { layer, unit: Math.min(unit, data.sizes[layer + 1] - 1), input: 0 };
  }
  const inputs = data.sizes[layer], each = inputs + (biasOf(layer) ? 1 : 0), all = each * data.sizes[layer + 1];
  const place = (unit * each + (input < 0 ? inputs : input) + (key === "ArrowDown" ? 1 : all - 1)) % all;
  unit = Math.floor(place / each);
  input = place % each;
  return { layer, unit, input: input === inputs ? -1 : input };
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target.tagName;
  if (event.target.id === "network" && event.key.startsWith("Arrow")) select(walk(event.key));
  else if (event.key === "Escape") { select(null); byId("network").blur(); }
  else if (at === "SELECT") return;
  else if (event.key === " " && at !== "BUTTON") setTraining(!isTraining);
  else if (event.key === "ArrowRight" || event.key === "s") single();
  else if (event.key === "r") reset();
  else return;
  event.preventDefault();
});

new ResizeObserver(() => {
  const frame = surroundings();
  if (frame) frame.style.height = document.documentElement.offsetHeight + 2 + "px";  // a notebook shows all of it
  draw();
}).observe(document.body);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", setTheme);
if (surroundings())
  for (const element of [surroundings().ownerDocument.documentElement, surroundings().ownerDocument.body])
    new MutationObserver(setTheme).observe(element, { attributes: true });
restart();
setTheme();
inspect();

window.playground = { step, reset, chosen, weights, gradients, batch: () => [...upcoming], evaluate };
