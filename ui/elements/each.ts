/** A list in a template where each item keeps its nodes, and with them its focus, whatever comes before it or goes. */
import { noChange } from "lit";
import { clearPart, insertPart, removePart, setChildPartValue, setCommittedValue } from "lit/directive-helpers.js";
import { type ChildPart, Directive, directive } from "lit/directive.js";

class Each extends Directive {
  /** By key, in their order; undefined: what stands there is somebody else's. */
  private parts: Map<unknown, ChildPart> | undefined;

  override render<Item>(_items: readonly Item[], _keyOf: (item: Item) => unknown, _draw: (item: Item, index: number) => unknown): unknown {
    return noChange;
  }

  /** Only what is not in its place is moved: something new at the top, or an item that goes up, moves no other one. */
  override update<Item>(container: ChildPart, [items, keyOf, draw]: Parameters<typeof this.render<Item>>): unknown {
    if (!this.parts) {
      clearPart(container);
      setCommittedValue(container); // or Lit would take what it drew here before for being there still
    }
    const before = this.parts ?? new Map<unknown, ChildPart>();
    const keys = new Set(items.map(keyOf));
    for (const [key, part] of before) if (!keys.has(key)) removePart(part);
    const rest = new Set([...before].filter(([key]) => keys.has(key)).map(([, part]) => part));
    this.parts = new Map(
      items.map((item, index) => {
        const known = before.get(keyOf(item));
        const [next] = rest;
        const part = known && known === next ? known : insertPart(container, next, known);
        rest.delete(part);
        return [keyOf(item), setChildPartValue(part, draw(item, index))];
      }),
    );
    return noChange;
  }
}

export const each = directive(Each) as <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => unknown,
  draw: (item: Item, index: number) => unknown,
) => unknown;
