// `film` (what the film shows) and `programs` (the rows of the table as functions) come before this text.
const byId = id => document.getElementById(id);
const { boxes, arrows, frames } = film;
const svg = document.querySelector("#graph > svg"), drawing = byId("drawing"), scrub = byId("scrub");
const SVG = "http://www.w3.org/2000/svg";
const made = (tag, attributes = {}, text = "", space = SVG) => {
  const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
};

// ---- Numbers as text, as Python's "%.4g" writes them

function figure(x, digits = film.digits) {
  if (typeof x !== "number") return x ?? "";
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const [mantissa, power] = Math.abs(x).toExponential(digits - 1).split("e");
  let shown = mantissa.replace(".", ""), exponent = +power;
  const rest = Math.abs(x).toExponential(60).split("e")[0].replace(".", "").slice(digits);
  if (/^50*$/.test(rest) && +shown.at(-1) % 2) shown = String(BigInt(shown) - 1n).padStart(digits, "0"); // halves to even
  const sign = x < 0 ? "-" : "", trimmed = text => text.includes(".") ? text.replace(/\.?0*$/, "") : text;
  if (exponent < -4 || exponent >= digits) {
    const ends = String(Math.abs(exponent)).padStart(2, "0");
    return sign + trimmed(shown[0] + "." + shown.slice(1)) + "e" + (exponent < 0 ? "-" : "+") + ends;
  }
  if (exponent < 0) return sign + trimmed("0." + "0".repeat(-exponent - 1) + shown);
  return sign + trimmed(shown.slice(0, exponent + 1) + "." + shown.slice(exponent + 1));
}
const parsed = text => text.trim() === "" ? NaN : Number(text.trim().replace("−", "-").replace(",", "."));

// ---- Arrays, as lists of their entries, as text

const isArray = Array.isArray;
const norm = entries => {
  const most = Math.max(0, ...entries.map(Math.abs));
  return most > 0 && Number.isFinite(most) ? most * Math.sqrt(entries.reduce((sum, x) => sum + (x / most) ** 2, 0)) : most;
};
const fits = ({ shape, written }) => !shape || (written && shape.reduce((a, b) => a * b, 1) <= 4);
function nested(entries, shape) {
  if (!shape.length) return figure(entries[0]);
  const step = entries.length / shape[0];
  return `[${Array.from({ length: shape[0] }, (_, i) => nested(entries.slice(i * step, (i + 1) * step), shape.slice(1))).join(", ")}]`;
}
function range(entries) {
  if (!entries.length) return "empty";
  const finite = entries.filter(Number.isFinite), nans = entries.filter(Number.isNaN).length;
  const infinite = entries.length - finite.length - nans;
  const odd = [nans && `${nans} nan`, infinite && `${infinite} inf`].filter(Boolean).join(", ");
  if (!finite.length) return odd;
  const ends = [...new Set([figure(Math.min(...finite)), figure(Math.max(...finite))])];
  const extent = ends.length > 1 || odd ? ends.join(" … ") : `all ${ends[0]}`;
  return odd ? `${extent}, ${odd}` : extent;
}
const entrywise = (x, like) => !isArray(x) ? figure(x) : fits(like) ? nested(x, like.shape) : range(x);
const inFull = (x, like) => !isArray(x) || fits(like) ? entrywise(x, like)
  : `(${like.shape.join(", ")}${like.shape.length === 1 ? "," : ""}) ${range(x)}`;
const gradientFigure = x => isArray(x) ? `‖g‖ = ${figure(norm(x))}` : figure(x);
const contributionFigure = x => isArray(x) ? `‖contribution‖ = ${figure(norm(x))}` : `contribution = ${figure(x)}`;
const localText = arrow => arrow.partial === null ? arrow.text : entrywise(arrow.partial, arrow);

// ---- Forward and backward

boxes.forEach((box, i) => { box.index = i; box.arriving = []; box.leaving = []; box.start = box.value; });
arrows.forEach((arrow, i) => {
  arrow.index = i;
  boxes[arrow.target].arriving.push(arrow);
  boxes[arrow.source].leaving.push(arrow);
});
const knobs = boxes.filter(box => box.knob), tape = boxes.filter(box => box.kind !== "constant");
const adjoint = boxes.map(() => null);
let largest = 1;
const plus = (a, b) => !isArray(b) ? a + b : a === null ? b : a.map((x, i) => x + b[i]); // 0 + -0 is 0

function compute() {
  if (!film.live) return;
  const v = tape.map(box => box.value);
  tape.forEach((box, place) => {
    const row = programs[box.row];
    if (!row) return;
    if (row.pulls) {
      if (row.value) box.value = v[place] = row.value(v);
      for (const arrow of box.arriving) arrow.partial = row.locals[arrow.position]?.(v) ?? null;
      return;
    }
    const operands = box.inputs.map(i => boxes[i].value);
    box.value = v[place] = row.value(...operands);
    for (const arrow of box.arriving) {
      if (arrow.text !== "") arrow.partial = Number(row.partials[arrow.position](box.value, ...operands));
    }
  });
  adjoint.fill(null);
  largest = 0;
  for (const frame of frames) {
    if (frame.phase === "forward") continue;
    const box = boxes[frame.receiver];
    if (frame.arrow < 0) {
      frame.after = adjoint[frame.receiver] = isArray(box.value) ? box.value.map(() => 1) : 1;
    } else {
      const arrow = arrows[frame.arrow], pull = programs[boxes[arrow.target].row]?.pulls?.[arrow.position];
      frame.upstream = adjoint[arrow.target];
      frame.contribution = arrow.contribution = pull ? pull(v, frame.upstream) : frame.upstream * arrow.partial;
      frame.before = adjoint[arrow.source];
      frame.after = adjoint[arrow.source] = plus(frame.before, frame.contribution);
    }
    for (const size of isArray(frame.after) ? (box.cells ? frame.after : [norm(frame.after)]) : [frame.after]) {
      if (Number.isFinite(size)) largest = Math.max(largest, Math.abs(size));
    }
  }
  tape.forEach(box => { adjoint[box.index] ??= 0; });
}

// ---- What each frame says

const trueMinus = text => text.replace(/-(?=\d|\.\d|inf)/g, "−");
const bracketed = text => text.startsWith("-") ? `(${text})` : text;
const inNumbers = (upstream, partial, contribution) => trueMinus(`${upstream} × ${bracketed(figure(partial))} = ${contribution}`);
function times({ upstream, contribution, arrow }) {
  const { partial, text } = arrows[arrow];
  if (partial === null) return `${text}; ${contributionFigure(contribution)}`;
  if (![upstream, partial, contribution].some(isArray)) return inNumbers(figure(upstream), partial, figure(contribution));
  const local = entrywise(partial, arrows[arrow]);
  return `g × ${isArray(partial) && !fits(arrows[arrow]) ? `(${local})` : local}, ${contributionFigure(contribution)}`;
}
const sumOf = ({ before, contribution, after }) =>
  isArray(after) ? gradientFigure(after) : `${figure(before)} + ${figure(contribution)} = ${figure(after)}`;
const isFirst = frame => frame.before === null || frame.before === 0;

function captionOf(frame, hidden) {
  if (frame.phase === "forward") return film.live ? `${boxes[frame.box].said}: ${inFull(boxes[frame.box].value, boxes[frame.box])}` : frame.caption;
  if (frame.arrow < 0) return `the gradient of ${boxes[frame.box].name} with respect to itself is 1`;
  const { source, target } = arrows[frame.arrow], gives = `${boxes[target].name} gives ${boxes[source].name}: `;
  if (!film.live) return hidden ? gives + "?" : frame.caption;
  if (hidden) return gives + `upstream ${gradientText(target)}, local ${localText(arrows[frame.arrow])}: what is it?`;
  return gives + times(frame) + (isFirst(frame) ? "" : "; sum " + sumOf(frame));
}
/** What stands at the pulse: upstream × local = contribution, and the running sum. */
function productOf(frame, hidden) {
  if (!film.live) return [hidden ? "?" : frame.product];
  const { target } = arrows[frame.arrow];
  if (hidden) return [`${gradientText(target)} × ${localText(arrows[frame.arrow])} = ?`];
  return [times(frame), ...(isFirst(frame) ? [] : [sumOf(frame)])];
}

// ---- The state of the page

let now = frames.length, timer = null, classMode = false, chosen = -1, question = null, wrong = 0;
const revealed = new Set();
const isHidden = i => classMode && frames[i].phase === "backward" && frames[i].arrow >= 0 && !revealed.has(i);
const framesOf = boxes.map(() => []);
frames.forEach((frame, i) => { if (frame.phase === "backward") framesOf[frame.receiver].push(i); });
const lastOf = (box, before = now) => framesOf[box].findLast(i => i < before) ?? -1;
const isVeiled = (box, before = now) => framesOf[box].some(i => i < before && isHidden(i));
function gradientText(box, before = now) {
  const last = lastOf(box, before);
  if (last < 0) return "";
  return isVeiled(box, before) ? "?" : film.live ? gradientFigure(frames[last].after) : frames[last].gradient;
}

// ---- Showing it

const parts = boxes.map(box => {
  const g = byId(box.id), row = byId("row-" + box.id);
  return {
    g, row, value: g.querySelector("text.value"), grad: g.querySelector("text.grad"), shade: g.querySelector("rect.shade"),
    valueCells: [...g.querySelectorAll(".heat.value .cell")], gradCells: [...g.querySelectorAll(".heat.grad .cell")],
    valueTexts: [...g.querySelectorAll(".heat.value .entry")], gradTexts: [...g.querySelectorAll(".heat.grad .entry")],
    cell: row && row.querySelector("td.value"), gradCell: row && row.querySelector("td.grad"),
  };
});
const arrowParts = arrows.map((_, i) => {
  const g = byId("arrow" + i);
  return { g, line: g.querySelector(".line"), head: g.querySelector(".head"), partial: g.querySelector(".partial") };
});
const sizes = parts.map(({ g }) => ["width", "height"].map(side => +g.querySelector(".frame").getAttribute(side)));
const written = new Map(), marked = new Map();
function write(element, text) {
  if (!element || written.get(element) === text) return;
  written.set(element, text);
  if (element.firstChild) element.firstChild.nodeValue = text; else element.textContent = text;
}
function shade(element, share) {
  if (!element) return;
  const state = (share < 0 ? "below " : "above ") + Math.min(1, Math.abs(share) || 0).toFixed(3);
  if (written.get(element) === state) return;
  written.set(element, state);
  element.classList.toggle("below", share < 0);
  element.classList.toggle("above", !(share < 0));
  element.setAttribute("fill-opacity", state.slice(6));
}
function mark(element, names, state) {
  if (!element || (marked.get(element) ?? "") === state) return;
  marked.set(element, state);
  element.classList.remove(...names);
  if (state) element.classList.add(...state.split(" "));
}
const paint = (cells, texts, shares, numbers) => {
  cells.forEach((cell, i) => shade(cell, shares?.[i] ?? 0));
  texts.forEach((text, i) => write(text, numbers?.[i] ?? ""));
};

/** The entries of an array as shares of the largest and as texts. */
function heated(entries, most = Math.max(...entries.filter(Number.isFinite).map(Math.abs))) {
  return [entries.map(x => Number.isNaN(x) ? 0 : x / (most || 1)), entries.map(x => figure(x, Math.min(film.digits, 3)))];
}

/** Writes the state of a step: at once what can be seen and read, a moment later the rest of a large graph. */
function show(step) {
  now = Math.max(0, Math.min(frames.length, step));
  const current = now ? frames[now - 1] : null, hidden = now > 0 && isHidden(now - 1);
  writeBoxes(current, boxes.length <= SMALL);
  clearTimeout(settling);
  if (boxes.length > SMALL) settling = setTimeout(() => writeBoxes(now ? frames[now - 1] : null, true), 150);
  product(current?.phase === "backward" && current.arrow >= 0 ? productOf(current, hidden) : [], current);
  const caption = byId("caption");
  caption.className = current?.phase ?? "";
  write(byId("phase"), current ? current.phase : "Start");
  write(byId("said"), current ? ": " + captionOf(current, hidden) : ": press play, or → for the first step.");
  write(byId("count"), `${now} / ${frames.length}`);
  scrub.value = now;
  write(byId("scale"), classMode ? "" : `Colour of a gradient: ${film.legend}, full at ${figure(film.live ? largest : film.largest)}.`);
  if (chosen >= 0) explain(chosen);
  if (question && !isAsked(question)) ask(null);
}
const SMALL = 60, valueFrame = boxes.map((_, i) => frames.findIndex(f => f.phase === "forward" && f.box === i));
let settling = null;

function writeBoxes(current, all) {
  const isSeen = all ? () => true : inSight(), rows = all ? [0, Infinity] : rowsInSight();
  const reached = i => valueFrame[i] < now;
  let place = -1;
  for (const box of boxes) {
    const i = box.index, part = parts[i];
    if (box.kind === "constant") continue;
    place += 1;
    const state = !current ? "" : current.receiver === i && current.arrow >= 0 ? "receives" : current.box === i ? current.phase : "";
    mark(part.g, ["receives", "forward", "backward"], state);
    mark(part.row, ["receives", "lit"], state === "receives" ? "receives" : state ? "lit" : "");
    const gradient = gradientText(i), isVeil = gradient === "?", frame = frames[lastOf(i)];
    shade(part.shade, !frame || isVeil ? 0 : film.live ? (isArray(frame.after) ? norm(frame.after) : frame.after) / (largest || 1) : frame.share);
    const inBox = isSeen(i), inRow = place >= rows[0] && place <= rows[1];
    if (!inBox && !inRow) continue;
    const isKnown = reached(i) || box.knob, value = !isKnown ? "" : film.live ? entrywise(box.value, box) : frames[valueFrame[i]].value;
    if (inBox) {
      write(part.value, value);
      write(part.grad, gradient);
      if (part.valueCells.length) {
        paint(part.valueCells, part.valueTexts, ...(!isKnown ? [] : film.live ? heated(box.value) : [box.heat, box.numbers]));
        paint(part.gradCells, part.gradTexts, ...(isVeil || !frame ? [] : film.live ? heated(frame.after, largest) : [frame.heat, frame.numbers]));
      }
    }
    if (inRow) {
      write(part.cell, value);
      write(part.gradCell, gradient);
    }
  }
  for (const arrow of arrows) {
    const part = arrowParts[arrow.index];
    const flows = current?.phase === "backward" ? current.arrow === arrow.index && "backward" : current?.box === arrow.target && "forward";
    mark(part.g, ["forward", "backward"], flows || "");
    if (!isSeen(arrow.source) && !isSeen(arrow.target)) continue;
    write(part.partial, !reached(arrow.target) || arrow.text === "" ? "" : film.live ? localText(arrow) : arrow.text);
  }
}

/** Which boxes of a large graph are in the view, and large enough to be read. */
function inSight() {
  if (isFar()) return () => false;
  const w = home.w / view.zoom, h = home.h / view.zoom;
  return i => {
    const [x, y] = layout.centres[i], [wide, high] = sizes[i];
    return x + wide / 2 > view.x && x - wide / 2 < view.x + w && y + high / 2 > view.y && y - high / 2 < view.y + h;
  };
}
const isFar = () => !home || svgWidth / (home.w / view.zoom) < 0.4;
function rowsInSight() {
  const top = Math.floor(list.scrollTop / ROW);
  return [top - 2, top + Math.ceil(listHeight / ROW) + 2];
}
const ROW = 22, list = document.querySelector(".tape");
let svgWidth = 0, listHeight = 0;

/** Scrolls the tape, and nothing around it, to the entry at work; moves a near view to its box. */
function keepVisible() {
  const current = now ? frames[now - 1] : null, row = current && parts[current.box].row;
  if (row && list.clientHeight) {
    const top = row.offsetTop - 26, bottom = row.offsetTop + row.offsetHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  }
  const fitting = svgWidth / home.w;
  if (follows && fitting < 0.55) {
    if (!current || now === frames.length) return fit();
    view.zoom = Math.max(view.zoom, 0.85 / fitting);
  }
  if (!current || view.zoom <= 1) return;
  const [x, y] = layout.centres[current.box], [fromX, fromY] = layout.centres[current.receiver ?? current.box];
  const w = home.w / view.zoom, h = home.h / view.zoom;
  const isIn = (x, y) => x > view.x + w / 8 && x < view.x + w * 7 / 8 && y > view.y + h / 8 && y < view.y + h * 7 / 8;
  if (!isIn(x, y) || !isIn(fromX, fromY)) { view.x = (x + fromX) / 2 - w / 2; view.y = (y + fromY) / 2 - h / 2; }
  look();
}
/** Whether the view of a large graph moves to the box at work; the button "fit" stops it. */
let follows = true;

// ---- The pulse, and the product that stands at it

const pulses = made("g"), tag = made("g", { id: "product" });
const tagGround = made("rect", { class: "product-ground", rx: 5 }), tagTexts = [0, 1].map(() => made("text", { class: "product", "text-anchor": "middle" }));
tag.append(tagGround, ...tagTexts);
drawing.append(pulses, tag);

function product(lines, frame) {
  tag.style.display = lines.length ? "" : "none";
  if (!lines.length) return;
  tagTexts.forEach((text, i) => write(text, lines[i] ?? ""));
  const width = 8 * Math.max(...lines.map(text => text.length)) + 14, height = 4 + 18 * lines.length;
  const line = arrowParts[frame.arrow].line, length = line.getTotalLength();
  const inside = (x, room, from, extent) => Math.max(from, Math.min(from + extent - room, x));
  let best = null;
  for (const share of [0.5, 0.3, 0.7]) for (const below of [0, -1, 1, -2, 2]) for (const aside of [0, -0.55, 0.55]) {
    const at = line.getPointAtLength(length * share);
    const x = inside(at.x - width / 2 + aside * width, width, view.x - 6, home.w / view.zoom - 4);
    const y = inside(at.y - height / 2 + below * height * 0.7, height, view.y - 6, home.h / view.zoom - 4);
    const cost = covered(x, y, width, height) + 60 * Math.abs(below) + 90 * Math.abs(aside) + 40 * Math.abs(share - 0.5);
    if (!best || cost < best.cost) best = { x, y, cost };
  }
  const { x, y } = best;
  tagTexts.forEach((text, i) => { text.setAttribute("x", x + width / 2); text.setAttribute("y", y + 16 + 18 * i); });
  for (const [name, value] of Object.entries({ x, y, width, height })) tagGround.setAttribute(name, value);
}
/** How much of the boxes and of the local derivatives a text at that place would cover. */
const covered = (x, y, width, height) => [...sizes, ...arrows.map(arrow => [7 * arrow.text.length, 14])].reduce((sum, [w, h], i) => {
  const [middle, centre] = i < boxes.length ? layout.centres[i] : layout.labels[i - boxes.length];
  const wide = Math.min(x + width, middle + w / 2) - Math.max(x, middle - w / 2);
  const high = Math.min(y + height, centre + h / 2) - Math.max(y, centre - h / 2);
  return sum + (wide > 0 && high > 0 ? wide * high : 0);
}, 0);

const calm = matchMedia("(prefers-reduced-motion: reduce)");
let running = 0;
function pulse(frame) {
  pulses.replaceChildren();
  if (calm.matches || !frame) return;
  const forward = frame.phase === "forward";
  const flowing = forward ? boxes[frame.box].arriving : frame.arrow >= 0 ? [arrows[frame.arrow]] : [];
  pulses.setAttribute("class", frame.phase);
  const dots = flowing.map(arrow => {
    const line = arrowParts[arrow.index].line, dot = made("circle", { class: "pulse", r: 7 });
    pulses.append(dot);
    return { line, dot, length: line.getTotalLength() };
  });
  const start = performance.now(), lasts = Math.min(900, +byId("speed").value * 0.55), run = ++running;
  const move = time => {
    if (run !== running) return;
    const share = Math.min(1, (time - start) / lasts), eased = share * share * (3 - 2 * share);
    for (const { line, dot, length } of dots) {
      const point = line.getPointAtLength(length * (forward ? eased : 1 - eased));
      dot.setAttribute("cx", point.x);
      dot.setAttribute("cy", point.y);
    }
    if (share < 1) requestAnimationFrame(move); else pulses.replaceChildren();
  };
  move(start);
}

function go(step) {
  const moved = step - now;
  show(step);
  keepVisible();
  running++;
  pulses.replaceChildren();
  if (moved === 1) pulse(frames[now - 1]);
  if (classMode && moved === 1 && now && isHidden(now - 1)) ask({ frame: now - 1 });
}
function pause() { clearTimeout(timer); timer = null; byId("play").textContent = "▶ play"; }
function play() {
  if (timer !== null) return pause();
  if (now === frames.length) show(0);
  byId("play").textContent = "❚❚ pause";
  const tick = () => {
    go(now + 1);
    if (now === frames.length || question) pause();
    else timer = setTimeout(tick, +byId("speed").value);
  };
  timer = setTimeout(tick, 120);
}

// ---- Layouts, zoom and pan

let layout = null, home = null;
const view = { x: 0, y: 0, zoom: 1 };
function place() {
  const { clientWidth, clientHeight } = byId("graph");
  const width = clientWidth || 640, height = clientHeight || 400; // a page that is not shown yet has no size
  svgWidth = width;
  listHeight = list.clientHeight;
  const scale = l => Math.min(width / (l.width + 16), height / (l.height + 16));
  const { LR, TB } = film.layouts, best = scale(TB) > 1.15 * scale(LR) ? TB : LR;
  if (best !== layout) {
    layout = best;
    parts.forEach(({ g }, i) => {
      const [x, y] = layout.centres[i], [wide, high] = sizes[i];
      g.setAttribute("transform", `translate(${x - wide / 2} ${y - high / 2})`);
    });
    arrowParts.forEach(({ line, head, partial }, i) => {
      const [x, y, angle] = layout.heads[i], [labelX, labelY] = layout.labels[i];
      line.setAttribute("d", layout.paths[i]);
      head.setAttribute("transform", `translate(${x} ${y}) rotate(${angle})`);
      partial.setAttribute("x", labelX);
      partial.setAttribute("y", labelY + 4);
    });
  }
  const most = classMode ? 2.6 : 1.6, used = Math.min(scale(layout), most);
  const w = width / used, h = height / used;
  home = { x: (layout.width + 16 - w) / 2, y: (layout.height + 16 - h) / 2, w, h };
  fit();
}
function look() {
  svg.setAttribute("viewBox", [view.x, view.y, home.w / view.zoom, home.h / view.zoom].join(" "));
  byId("graph").classList.toggle("near", view.zoom > 1);
  svg.classList.toggle("far", boxes.length > SMALL && isFar());
  if (boxes.length > SMALL) writeBoxes(now ? frames[now - 1] : null, false);
}
const near = factor => { follows = true; zoom(factor); };
const wholly = () => { follows = false; fit(); };
function fit() { Object.assign(view, { x: home.x, y: home.y, zoom: 1 }); look(); }
function zoom(factor) {
  const middle = { x: view.x + home.w / view.zoom / 2, y: view.y + home.h / view.zoom / 2 };
  view.zoom = Math.max(0.5, Math.min(14, view.zoom * factor));
  view.x = middle.x - home.w / view.zoom / 2;
  view.y = middle.y - home.h / view.zoom / 2;
  look();
}

// ---- Changing inputs

const curve = [], past = [];
const state = () => ({ values: knobs.map(box => box.value), curve: [...curve] });
const remember = () => { past.push(state()); if (past.length > 1000) past.shift(); };
function restore({ values, curve: heights }) {
  knobs.forEach((box, i) => { box.value = values[i]; });
  curve.splice(0, Infinity, ...heights);
  changed();
}
function changed() { compute(); show(now); drawCurve(); }
const entry = (box, at) => at === null ? box.value : box.value[at];
function set(box, value, at = null) {
  box.value = at === null ? value : box.value.map((x, i) => i === at ? value : x);
  changed();
}
const unitOf = x => 10 ** (Math.floor(Math.log10(Math.max(Math.abs(x), 0.1))) - 2);

/** A number that is dragged like a slider, or clicked and typed. */
function knob(element, box, at = null) {
  let grip = null;
  element.addEventListener("pointerdown", event => {
    if (event.button) return;
    event.stopPropagation();
    event.preventDefault();
    const value = entry(box, at);
    box.at = at;
    grip = { x: event.clientX, value, unit: unitOf(value), moved: false };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", event => {
    if (!grip) return;
    const moved = event.clientX - grip.x;
    if (!grip.moved && Math.abs(moved) < 3) return;
    if (!grip.moved) remember();
    grip.moved = true;
    const unit = grip.unit * (event.shiftKey ? 10 : 1);
    set(box, Number((Math.round((Number.isFinite(grip.value) ? grip.value : 0) / unit + moved) * unit).toPrecision(12)), at);
  });
  const release = event => {
    if (grip && !grip.moved && event.type === "pointerup") edit(box, element, "", at);
    grip = null;
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener("click", event => event.stopPropagation());
}
function edit(box, element, first = "", at = null) {
  byId("editor")?.blur();
  const place = element.getBoundingClientRect();
  const editor = made("input", { id: "editor", inputmode: "text", "aria-label": `${box.name} is` }, "", null);
  editor.value = first || figure(entry(box, at));
  editor.style.cssText = `left:${place.left}px;top:${place.top}px;width:${Math.max(90, place.width)}px;height:${Math.max(26, place.height)}px`;
  document.body.append(editor);
  editor.focus({ preventScroll: true });
  if (!first) editor.select();
  let isOpen = true; // removing a field that has the focus blurs it, which must not take its number
  const close = () => { isOpen = false; editor.remove(); parts[box.index].g.focus({ preventScroll: true }); };
  const take = () => {
    const value = parsed(editor.value);
    editor.setAttribute("aria-invalid", String(Number.isNaN(value)));
    if (Number.isNaN(value)) return false;
    const isOther = editor.value !== figure(entry(box, at)) && value !== entry(box, at);
    close();
    if (isOther) { remember(); set(box, value, at); }
    return true;
  };
  editor.addEventListener("keydown", event => {
    event.stopPropagation();
    if (event.key === "Enter") take();
    if (event.key === "Escape") close();
  });
  editor.addEventListener("blur", () => { if (isOpen && !take()) close(); });
}
for (const box of knobs) {
  const { g, cell, valueCells } = parts[box.index];
  box.at = box.shape ? 0 : null;
  if (box.shape) valueCells.forEach((rect, i) => { rect.classList.add("knob"); knob(rect, box, i); });
  else for (const element of [g.querySelector(".knob"), cell]) knob(element, box);
}

// ---- Gradient descent

const scaled = (x, factor) => isArray(x) ? x.map(entry => factor * entry) : factor * x;
/** The output; the sum of its entries, which is what descends, if it has several. */
const output = () => [boxes[film.output].value].flat().reduce((a, b) => a + b);
const learns = box => parts[box.index].row.querySelector("input").checked;
const rate = byId("rate");
function descend() {
  const size = parsed(rate.value);
  rate.setAttribute("aria-invalid", String(!(size > 0)));
  if (!(size > 0)) return;
  remember();
  if (!curve.length) curve.push(output());
  const slopes = knobs.map(box => adjoint[box.index]);
  knobs.forEach((box, i) => { if (learns(box)) box.value = plus(box.value, scaled(slopes[i], -size)); });
  compute();
  curve.push(output());
  show(now);
  drawCurve();
}
function drawCurve() {
  const heights = curve.filter(Number.isFinite), picture = byId("curve");
  picture.replaceChildren();
  byId("undo").disabled = !past.length;
  if (heights.length < 2) return;
  const low = Math.min(...heights), high = Math.max(...heights);
  const x = i => 6 + 150 * i / (heights.length - 1), y = h => 46 - 38 * (h - low) / (high - low || 1);
  picture.append(made("polyline", { points: heights.map((h, i) => `${x(i).toFixed(1)},${y(h).toFixed(1)}`).join(" ") }));
  picture.append(made("circle", { cx: x(heights.length - 1), cy: y(heights.at(-1)), r: 3 }));
  picture.append(made("text", { x: 162, y: Math.max(12, Math.min(50, y(heights.at(-1)) + 4)) }, figure(heights.at(-1))));
  picture.append(made("text", { x: 6, y: y(heights[0]) < 24 ? 52 : 10 }, `${heights.length - 1} step${heights.length > 2 ? "s" : ""}`));
}
const undo = () => { if (past.length) restore(past.pop()); };
function reset() {
  remember();
  restore({ values: knobs.map(box => box.start), curve: [] });
}

// ---- The chain rule of a box

function explain(i) {
  chosen = i;
  const out = boxes[film.output].name, box = boxes[i], terms = byId("terms"), lines = [];
  const line = (text, kind = "") => lines.push(made("p", kind ? { class: kind } : {}, text, ""));
  const all = frames.length, total = gradientText(i, all);
  const derivative = name => `∂${out}/∂${name}`;
  if (i === film.output) line(`${derivative(box.name)} = 1: the output itself`);
  else if (!box.leaving.some(a => a.text !== "")) line(`${derivative(box.name)} = 0: nothing uses ${box.name}`);
  const told = [];
  for (const arrow of [...box.leaving].reverse()) {
    const user = boxes[arrow.target].name, frame = frames.findIndex(f => f.arrow === arrow.index);
    if (frame < 0) continue;
    const local = `∂${user}/∂${box.name}`, veiled = isHidden(frame);
    const upstream = gradientText(arrow.target, all);
    const isPlain = film.live && ![arrow.partial, arrow.contribution, frames[frame].upstream].some(isArray) && arrow.partial !== null;
    const numbers = isPlain ? inNumbers(upstream, arrow.partial, veiled ? "?" : figure(arrow.contribution))
      : veiled ? "?" : film.live ? times(frames[frame]) : frames[frame].product;
    line(`${derivative(user)} · ${local} = ${numbers}`);
    const number = film.live ? localText(arrow) : arrow.text;
    line(`${local} = ${arrow.formula && arrow.formula !== number ? `${arrow.formula} = ` : ""}${number}`, "formula");
    told.push(veiled ? "?" : film.live && !isArray(arrow.contribution) ? figure(arrow.contribution) : "");
  }
  if (told.length > 1) line(told.every(Boolean) ? `${derivative(box.name)} = ${told.join(" + ")} = ${total}` : `${derivative(box.name)}: ${total}`);
  else if (told.length) line(`${derivative(box.name)} = ${total}`);
  if (box.formula) line(`where ${box.said}, ${box.id.replace("n", "v")} = ${box.formula}`, "formula");
  terms.replaceChildren(...lines);
  byId("rule").hidden = false;
  inFreeCorner(byId("rule"));
}
/** Moves the card to the corner of the graph where it covers least. */
function inFreeCorner(card) {
  const { clientWidth: width, clientHeight: height } = byId("graph"), unit = home.w / view.zoom / width, gap = 8;
  const corners = [[true, false], [false, false], [true, true], [false, true]].map(([isLeft, isTop]) => {
    const x = isLeft ? gap : width - card.offsetWidth - gap, y = isTop ? gap : height - card.offsetHeight - gap;
    const hides = covered(view.x + x * unit - 8, view.y + y * unit - 8, card.offsetWidth * unit, card.offsetHeight * unit);
    return { x, y, hides };
  });
  const { x, y } = corners.reduce((best, corner) => corner.hides < best.hides ? corner : best);
  card.style.left = `${Math.max(0, x)}px`;
  card.style.top = `${Math.max(0, y)}px`;
}
function shut() { chosen = -1; byId("rule").hidden = true; }
boxes.forEach((box, i) => {
  if (box.kind === "constant") return;
  parts[i].g.addEventListener("click", () => choose(i));
});
function choose(i) {
  if (slid) return;
  if (isVeiled(i)) return ask({ box: i });
  if (chosen === i) shut(); else explain(i);
}

// ---- Class mode

function toClass(on) {
  classMode = on;
  revealed.clear();
  document.body.classList.toggle("class", on);
  byId("class").setAttribute("aria-pressed", String(on));
  if (on !== Boolean(document.fullscreenElement)) fillScreen()?.catch(() => {}); // some notebooks do not let a page fill the screen
  ask(null);
  shut();
  show(now);
  place();
}
const isAsked = q => "frame" in q ? now === q.frame + 1 && isHidden(q.frame) : isVeiled(q.box);
function ask(q) {
  question = q;
  wrong = 0;
  byId("quiz").hidden = !q;
  const isGuessed = q && film.live && typeof answerOf(q) === "number";
  byId("guess").hidden = byId("check").hidden = !isGuessed;
  byId("verdict").textContent = byId("guess").value = "";
  if (!q) return;
  const frame = frames[q.frame], out = boxes[film.output].name;
  byId("question").textContent = frame ? `What does ${boxes[frame.box].name} give ${boxes[frame.receiver].name}?` : `What is ∂${out}/∂${boxes[q.box].name}?`;
  if (isGuessed) byId("guess").focus({ preventScroll: true });
}
const answerOf = q => "frame" in q ? frames[q.frame].contribution : frames[lastOf(q.box)].after;
function reveal() {
  if (!question) return;
  if ("frame" in question) revealed.add(question.frame);
  else for (const i of framesOf[question.box]) if (i < now) revealed.add(i);
  question = null;
  show(now);
}
function check() {
  const guess = parsed(byId("guess").value), right = answerOf(question), verdict = byId("verdict");
  const isRight = figure(guess) === figure(right) || Math.abs(guess - right) <= 0.005 * Math.abs(right);
  verdict.className = isRight ? "right" : "";
  if (isRight) {
    reveal();
    verdict.textContent = `right: ${figure(right)}`;
    byId("guess").blur();
  } else {
    wrong += 1;
    const frame = frames[question.frame];
    const hint = frame && gradientText(frame.box) !== "?" && typeof frame.upstream === "number" && arrows[frame.arrow].partial !== null ? ` Multiply ${figure(frame.upstream)} by ${figure(arrows[frame.arrow].partial)}.` : "";
    verdict.textContent = Number.isNaN(guess) ? "a number, please" : `not ${figure(guess)}.${wrong > 1 ? hint : " Try again."}`;
    byId("guess").select();
  }
}
byId("quiz").addEventListener("submit", event => { event.preventDefault(); if (question && !byId("guess").hidden) check(); else tell(); });
function askNow() {
  if (!classMode) toClass(true);
  if (now && isHidden(now - 1)) return ask({ frame: now - 1 });
  const box = boxes.findIndex((_, i) => isVeiled(i));
  if (box >= 0) ask({ box });
}
function tell() { reveal(); ask(null); }
const toggleTape = () => { document.body.classList.toggle(classMode ? "tape-too" : "no-tape"); place(); };
const fillScreen = () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
function screen() {
  fillScreen()?.catch(() => { byId("said").textContent = "This page may not fill the screen: open the saved film instead."; });
}
const help = () => { byId("keys").hidden = !byId("keys").hidden; };

// ---- Buttons, keys, and the graph under the pointer

const actions = { first: () => go(0), back: () => go(now - 1), play, next: () => go(now + 1), last: () => go(frames.length),
  in: () => near(1.4), out: () => near(1 / 1.4), fit: wholly, class: () => toClass(!classMode), screen, help, descend, undo, reset, shut, tell };
for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", () => {
  if (timer !== null && ["first", "back", "next", "last"].includes(id)) pause();
  act();
});
scrub.max = frames.length;
scrub.addEventListener("input", () => { if (timer !== null) pause(); go(+scrub.value); });
byId("keys").addEventListener("click", help);
const keys = { " ": "play", ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", "+": "in", "=": "in", "-": "out", w: "fit",
  c: "class", f: "screen", "?": "help", h: "help", g: "descend", u: "undo", r: "reset", a: "tell" };
function keyOnInput(event, box) {
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    remember();
    const unit = 10 * unitOf(entry(box, box.at)) * (event.shiftKey ? 10 : 1) * (event.key === "ArrowUp" ? 1 : -1);
    set(box, Number((entry(box, box.at) + unit).toPrecision(12)), box.at);
    return true;
  }
  if (!/^[\d.−-]$/.test(event.key)) return false;
  edit(box, parts[box.index].g.querySelectorAll(".knob")[box.at ?? 0], event.key, box.at);
  return true;
}
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  if (event.key === "Escape") {
    byId("keys").hidden = true;
    ask(null);
    shut();
    return event.target.blur?.();
  }
  const isText = event.target.tagName === "INPUT" && !["range", "checkbox"].includes(event.target.type);
  if (isText || (event.target.type === "checkbox" && event.key === " ")) return;
  const box = boxes[parts.findIndex(part => part.g === event.target)];
  const isButton = event.target.tagName === "BUTTON";
  if (box?.knob && keyOnInput(event, box)) return event.preventDefault();
  if (box && event.key === "Enter") { choose(box.index); return event.preventDefault(); }
  if (isButton && (event.key === "Enter" || event.key === " ")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "0") { wholly(); return event.preventDefault(); }
  if (key === "q") { askNow(); return event.preventDefault(); }
  if (key === "t") { toggleTape(); return event.preventDefault(); }
  if (key in keys) { event.preventDefault(); byId(keys[key]).click(); }
});
const fingers = new Map();
let slid = false;
svg.addEventListener("pointerdown", event => {
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, fromX: event.clientX, fromY: event.clientY });
  slid = false;
});
svg.addEventListener("pointermove", event => {
  const finger = fingers.get(event.pointerId);
  if (!finger) return;
  if (!slid && Math.hypot(event.clientX - finger.fromX, event.clientY - finger.fromY) < 4) return;
  slid = true;
  const unit = home.w / view.zoom / svg.clientWidth, others = [...fingers.values()].filter(other => other !== finger);
  if (others.length) {
    const away = (x, y) => Math.hypot(x - others[0].x, y - others[0].y) || 1;
    zoom(away(event.clientX, event.clientY) / away(finger.x, finger.y));
  } else {
    view.x -= (event.clientX - finger.x) * unit;
    view.y -= (event.clientY - finger.y) * unit;
    look();
  }
  Object.assign(finger, { x: event.clientX, y: event.clientY });
});
for (const end of ["pointerup", "pointercancel", "pointerleave"]) svg.addEventListener(end, event => fingers.delete(event.pointerId));

// ---- The notebook's theme: JupyterLab and VS Code say it in attributes of the page around

function followTheme() {
  const root = document.documentElement;
  let around = null;
  try { if (parent !== window) around = parent.document; } catch { return; }
  if (!around?.body) return;
  const read = () => {
    const { jpThemeLight, vscodeThemeKind } = around.body.dataset, of = around.documentElement.getAttribute("theme");
    const dark = jpThemeLight ? jpThemeLight === "false" : vscodeThemeKind ? /dark|high-contrast$/.test(vscodeThemeKind) : of ? of === "dark" : null;
    if (dark === null) delete root.dataset.theme; else root.dataset.theme = dark ? "dark" : "light";
  };
  read();
  const watch = new MutationObserver(read), options = { attributes: true, attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind", "theme"] };
  watch.observe(around.body, options);
  watch.observe(around.documentElement, options);
}

document.body.classList.toggle("still", !film.live);
document.body.classList.toggle("arrays", tape.some(box => box.shape));
byId("remarks").textContent = film.remarks.join(" ");
followTheme();
compute();
place();
show(now);
keepVisible();
drawCurve();
list.addEventListener("scroll", () => writeBoxes(now ? frames[now - 1] : null, boxes.length <= SMALL));
new ResizeObserver(place).observe(byId("graph"));
