import { html, nothing, render } from "lit";
import { describe, expect, it } from "vitest";
import { each } from "./each";

describe("a list that keeps its nodes", () => {
  const place = document.createElement("div");
  const draw = (items: readonly string[] | null) =>
    render(html`<ul>${items ? each(items, (item) => item, (item, index) => html`<li>${item}${index}</li>`) : html`<p>none</p>`}${nothing}</ul>`, place); // prettier-ignore
  const nodes = () => [...place.querySelectorAll("li")];
  const words = () => place.textContent;

  it("moves only what is not in its place", () => {
    draw(["a", "b", "c"]);
    const [a, b, c] = nodes();
    draw(["new", "a", "b", "c"]);
    expect(nodes().slice(1)).toEqual([a, b, c]);
    draw(["c", "a"]);
    expect(nodes()).toEqual([c, a]);
    expect(words()).toBe("c0a1");
    draw(["a", "b", "c"]);
    expect([nodes()[0], nodes()[2]]).toEqual([a, c]);
    expect(words()).toBe("a0b1c2");
  });

  it("gives way to something else and comes back alone", () => {
    draw(null);
    expect(words()).toBe("none");
    draw(["a"]);
    draw(null);
    expect([words(), nodes().length]).toEqual(["none", 0]);
    draw(["a"]);
    expect(words()).toBe("a0");
    draw([]);
    expect(words()).toBe("");
  });
});
