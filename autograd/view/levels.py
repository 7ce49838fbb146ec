"""The inside of folds: pictures that a click on a fold opens in its place, all in one page without a library."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from hashlib import sha256

from autograd.characters import safe_json
from autograd.markup import element
from autograd.view.fold import Partition, graph_of, inside_of
from autograd.view.graph import Graph

MOST_LEVELS = 12
"""The largest number of folds that a page can open."""
DEEPEST = 3
"""Folds in folds open down to this level: the middle of a loop is a loop again."""
MOST_NODES_OPENED = 20_000
"""The largest number of nodes in all opened folds together, so that drawing a large graph takes no longer by them."""
MOST_MARKUP = 300_000
"""The largest number of characters of their pictures together."""

STYLE = """
.wengert-levels nav{font:14px Helvetica,Arial,sans-serif;margin:4px 0;min-height:1.6em}
.wengert-levels nav button{font:inherit;color:inherit;background:none;border:0;padding:2px 6px}
.wengert-levels nav button{cursor:pointer;text-decoration:underline}
.wengert-levels .opens{cursor:zoom-in}
.wengert-levels .opens:hover,.wengert-levels .opens:focus{filter:brightness(.93);outline:none}
"""

SCRIPT = """
for (const page of document.querySelectorAll(".wengert-levels:not([data-ready])")) {
  page.dataset.ready = "yes";
  const names = JSON.parse(page.querySelector("script[type='application/json']").textContent);
  const levels = [...page.querySelectorAll("[data-level]")], path = page.querySelector("nav");
  const show = (key) => {
    for (const level of levels) level.hidden = level.dataset.level !== key;
    path.replaceChildren();
    if (!key) { path.append("click a grey box to open it"); return; }
    const parts = key.split("/");
    parts.forEach((part, i) => {
      const here = parts.slice(0, i + 1).join("/");
      if (i === parts.length - 1) { path.append(" › " + names[here]); return; }
      const back = document.createElement("button");
      back.textContent = i ? names[here] : "whole graph";
      back.onclick = () => show(here);
      path.append(i ? " › " : "", back);
    });
  };
  for (const level of levels) {
    for (const group of level.querySelectorAll("g")) {
      const title = group.querySelector(":scope > title");
      const key = level.dataset.level + "/" + (title ? title.textContent : group.id);
      if (!(key in names)) continue;
      group.classList.add("opens");
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.onclick = () => show(key);
      group.onkeydown = (event) => { if (event.key === "Enter") show(key); };
    }
  }
  show("");
}
"""


def levels_of(parts: Partition) -> dict[str, tuple[str, Graph]]:
    """For each fold that can be opened, by its path of boxes such as "/n178/n90": its name, and the graph inside it."""
    found: dict[str, tuple[str, Graph]] = {}
    waiting = deque([("", parts)])
    room = MOST_NODES_OPENED
    while waiting and len(found) < MOST_LEVELS:
        path, whole = waiting.popleft()
        if path.count("/") >= DEEPEST:
            break
        for g in whole.order():
            count = len(whole.groups[g].members)
            if whole.groups[g].kind == "one" or len(found) >= MOST_LEVELS or count > room:
                continue
            room -= count
            inside = inside_of(whole, g)
            graph = graph_of(inside)
            fold = whole.box_of(g)
            if all(box.count < fold.count for box in graph.boxes):  # else it folds as a whole again
                key = f"{path}/{fold.name}"
                found[key] = fold.label or fold.operation, graph
                waiting.append((key, inside))
    return found


def page_of_levels(top: str, levels: Mapping[str, tuple[str, Graph]], drawn: Callable[[Graph], str]) -> str:
    """HTML that shows a picture, and in its place the inside of the fold that is clicked."""
    parts = [element("div", top, data_level="")]
    names: dict[str, str] = {}
    room = MOST_MARKUP
    for key, (name, graph) in levels.items():
        svg = drawn(graph)
        room -= len(svg)
        if room < 0:
            break
        names[key] = name
        parts.append(element("div", svg, data_level=key, hidden="hidden"))
    parts += [element("script", safe_json(names), type="application/json"), element("nav", "")]
    unique = f"wengert-{sha256(''.join(parts).encode()).hexdigest()[:8]}"
    page = element("div", *parts, class_="wengert-levels", id=unique)
    return element("style", STYLE) + page + element("script", SCRIPT)
