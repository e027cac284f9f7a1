/** Severities, the least first. */
const SEVERITY_RANKS = ["debug", "success", "info", "warning", "error", "critical"] as const;

/** How bad it is; what is unknown counts as the least. */
export function rankOf(severity: string): number {
  return Math.max(0, (SEVERITY_RANKS as readonly string[]).indexOf(severity));
}
