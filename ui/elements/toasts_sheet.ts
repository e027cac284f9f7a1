import { css } from "lit";

export const toastsSheet = css`
  .region {
    position: fixed;
    inset: auto;
    z-index: var(--notice-z, auto);
    width: min(var(--notice-width, 380px), calc(100vw - 24px));
    display: none;
    flex-direction: column;
    gap: 8px;
    padding: 4px;
  }
  .region:popover-open {
    display: flex;
  }
  .bottom-end,
  .bottom-start {
    bottom: 12px;
  }
  .top-end,
  .top-start {
    top: 12px;
  }
  .bottom-end,
  .top-end {
    inset-inline-end: 12px;
  }
  .bottom-start,
  .top-start {
    inset-inline-start: 12px;
  }
  .card {
    display: flex;
    align-items: flex-start;
    gap: 10px;
    padding: 10px 6px 10px 12px;
    border: 1px solid var(--border);
    border-inline-start: 3px solid var(--tone, var(--muted));
    border-radius: var(--radius);
    background: var(--surface);
    box-shadow: var(--shadow);
    animation: enter 180ms ease-out;
  }
  @keyframes enter {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    @keyframes enter {
      from {
        opacity: 0;
      }
    }
  }
  .card.critical {
    border-inline-start-width: 4px;
  }
  .card.info,
  .card.success {
    border-inline-start-width: 2px;
  }
  .overflow {
    justify-content: center;
    padding: 6px;
    color: var(--muted);
  }
  .text {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  h3 {
    font-weight: 600;
  }
  h3 a::after {
    content: "";
    position: absolute;
    inset: 0;
  }
  h3 a:hover {
    text-decoration: underline;
  }
  article {
    position: relative;
  }
  p {
    color: var(--muted);
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    overflow: hidden;
  }
  .close {
    position: relative;
    flex: none;
    margin-block: -4px;
    padding: 4px;
    color: var(--muted);
  }
  @media (max-width: 639px) {
    .region {
      inset-inline: 12px;
      width: auto;
    }
  }
`;
