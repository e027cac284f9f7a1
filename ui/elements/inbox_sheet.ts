import { css } from "lit";

export const inboxSheet = css`
  :host {
    display: block !important;
  }
  :host([mode="popover"]) {
    height: 100%;
  }
  .root {
    position: relative;
    display: flex;
    flex-direction: column;
    max-height: var(--notice-max-height, 100%);
    background: var(--surface);
    overflow: hidden;
  }
  .panel {
    border: 1px solid var(--border);
    border-radius: var(--radius);
    max-height: var(--notice-max-height, 560px);
  }
  header {
    display: grid;
    gap: 8px;
    padding: var(--gap);
    border-bottom: 1px solid var(--border);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 8px;
    min-height: 32px;
  }
  .line .link {
    margin-inline-end: -10px;
  }
  h2 {
    font-size: 1.15em;
    font-weight: 600;
  }
  h2:focus {
    outline: none; /* it is where reading begins, nothing can be done with it */
  }
  .tabs {
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
  }
  .tab {
    padding-inline: 10px;
    color: var(--muted);
    border-radius: 999px;
  }
  .tab[aria-pressed="true"] {
    background: var(--selected);
    color: var(--text);
    font-weight: 600;
  }
  .search {
    display: flex;
    align-items: center;
    gap: 6px;
    padding-inline: 8px;
    border: 1px solid var(--control);
    border-radius: 4px;
    color: var(--muted);
  }
  .search:focus-within {
    outline: 2px solid var(--focus);
    outline-offset: 1px;
  }
  .search input {
    flex: 1;
    min-width: 0;
    min-height: 32px;
    border: 0;
    outline: 0;
    background: none;
    color: var(--text);
    appearance: none;
  }
  .search input::placeholder {
    color: var(--subtle);
    opacity: 1;
  }
  .bar {
    padding: 4px var(--gap);
    background: var(--warning-tint);
    color: var(--warning);
    font-size: 0.9em;
  }
  .scroll {
    position: relative;
    flex: 1;
    min-height: 0;
    overflow: hidden auto;
    overscroll-behavior: contain;
    scroll-padding-block: 34px 0; /* no row hides under a heading */
    container-type: inline-size;
  }
  .item {
    position: relative;
    display: flex;
    gap: 10px;
    padding: 10px var(--gap);
    padding-inline-start: calc(var(--gap) - 3px);
    border-bottom: 1px solid var(--border);
    border-inline-start: 3px solid transparent;
  }
  .item:hover {
    background: var(--canvas);
  }
  .item:focus-visible {
    outline-offset: -2px;
  }
  .unread:not(.info, .success) {
    border-inline-start-color: var(--tone);
  }
  .group {
    position: sticky;
    z-index: 1;
    top: 0;
    padding: 6px var(--gap) 5px;
    border-bottom: 1px solid var(--border);
    background: var(--canvas);
    color: var(--muted);
    font-size: 0.86em;
    font-weight: 600;
  }
  .day .group::first-letter {
    text-transform: uppercase;
  }
  .faded {
    background: var(--sunken);
  }
  .what {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .title,
  .title:hover {
    display: inline;
    min-height: 0;
    min-width: 0;
    margin: -2px 0; /* a target of 24 px in a line of 20 */
    padding: 2px 0;
    border: 0;
    background: none;
    text-align: start;
    color: var(--text);
  }
  .title:hover {
    text-decoration: underline;
  }
  .title::after {
    content: "";
    position: absolute;
    inset: 0;
  }
  .unread .title {
    font-weight: 600;
  }
  .body {
    color: var(--muted);
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
  }
  .whole {
    display: block;
  }
  .meta {
    display: flex;
    flex-wrap: wrap;
    gap: 0 10px;
    margin-top: 2px;
    color: var(--muted);
    font-size: 0.86em;
  }
  .actions {
    position: relative;
    display: flex;
    align-self: flex-start;
    color: var(--subtle);
  }
  .actions button {
    padding: 4px;
  }
  .item:hover .actions,
  .item:focus-within .actions {
    color: var(--text);
  }
  .compact .item {
    padding-block: 4px;
  }
  .compact .item > * {
    align-self: center;
  }
  .compact .what {
    display: flex;
    flex-wrap: wrap;
    gap: 4px var(--gap);
    align-items: baseline;
  }
  .compact .meta {
    margin: 0;
    margin-inline-start: auto;
  }
  .compact .links {
    margin: 0;
  }
  .compact .body {
    display: none;
  }
  .compact .whole {
    display: block;
    order: 1;
    flex-basis: 100%;
  }
  /* Where it is narrow, the text gets the width, and what can be done shares the last line. */
  @container (max-width: 380px) {
    .item {
      flex-wrap: wrap;
      row-gap: 0;
    }
    .what {
      flex-basis: calc(100% - 26px);
    }
    .what > :last-child {
      padding-inline-end: 140px;
    }
    .compact .meta {
      flex-basis: 100%;
    }
    .item > [part][part] {
      align-self: flex-start;
    }
    .item > .actions {
      margin-block: -25px -8px;
      margin-inline-start: auto;
    }
  }
  .hint {
    display: grid;
    gap: 8px;
    justify-items: center;
    padding: 28px var(--gap);
    color: var(--muted);
    text-align: center;
  }
  .loading {
    animation: late 1ms 200ms both;
  }
  @keyframes late {
    from {
      visibility: hidden;
    }
  }
  .strong {
    color: var(--text);
    font-weight: 600;
  }
  .small {
    font-size: 0.86em;
    font-family: ui-monospace, monospace;
    user-select: all;
  }
  .pill {
    position: sticky;
    z-index: 1;
    top: 8px;
    display: flex;
    margin: 8px auto;
    padding-inline: 14px;
    border-radius: 999px;
  }
  .pill:hover {
    background: var(--accent);
  }
  .end {
    display: flex;
    justify-content: center;
    padding: 8px;
  }
  .undo {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    padding: 4px var(--gap);
    border-top: 1px solid var(--border);
    background: var(--sunken);
  }
`;
