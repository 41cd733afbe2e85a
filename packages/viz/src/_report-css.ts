import { FONT_STACK } from './_font.js';
import { themeCss } from './_theme.js';

/** Figures are drawn for these widths; the page shows the one that fits. Their own margin of 20 pixels lies in the page's. */
export const WIDE_FIGURE = 800;
export const NARROW_FIGURE = 390;

export function reportCss(): string {
  return `${themeCss()}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:2rem 20px 4rem;max-width:${WIDE_FIGURE}px;background:var(--viz-paper);color:var(--viz-ink);font:1rem/1.55 ${FONT_STACK};overflow-wrap:break-word}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em}
h2{font-size:1.25rem;line-height:1.3;margin:2.75rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--viz-grid)}
p{margin:.75rem 0;max-width:42rem}
.subtitle{color:var(--viz-muted);margin-top:0}
.notice{border:2px solid var(--viz-vermilion);border-radius:6px;padding:.7rem 1rem;font-weight:600;max-width:none}
nav{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;margin:1.25rem 0 0;font-size:.925rem}
a{color:var(--viz-blue)}
figure{margin:1.25rem 0}
figure svg{display:block;margin:0 -20px;width:calc(100% + 40px);max-width:${WIDE_FIGURE}px;height:auto;overflow:visible}
figure .narrow svg{max-width:${NARROW_FIGURE + 60}px}
figure .narrow{display:none}
figcaption,caption{color:var(--viz-muted);font-size:.9rem;text-align:left;max-width:42rem}
caption{padding-bottom:.4rem;caption-side:top}
.scroll{overflow-x:auto;margin:1.25rem 0;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-size:.925rem;font-variant-numeric:tabular-nums lining-nums}
th,td{padding:.4rem .9rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--viz-grid)}
th{color:var(--viz-muted);font-weight:600;vertical-align:bottom;border-bottom-color:var(--viz-rule)}
th.right,td.right{text-align:right;padding:.4rem 0 .4rem .9rem}
td.right{white-space:nowrap}
.right+:not(.right){padding-left:1.4rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1.25rem 1.5rem;margin:1.25rem 0}
dl div{border-top:3px solid var(--viz-blue);padding-top:.5rem}
dt{color:var(--viz-muted);font-size:.9rem}
dd{margin:0;font-size:1.75rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums lining-nums}
dd small{display:block;font-size:.85rem;font-weight:400;line-height:1.4;color:var(--viz-muted)}
pre{overflow-x:auto;padding:.8rem 1rem;border:1px solid var(--viz-grid);border-radius:6px;font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
footer{margin-top:3rem;border-top:1px solid var(--viz-grid);color:var(--viz-muted);font-size:.875rem}
@media (max-width:640px){body{padding:1.25rem 20px 3rem}h1{font-size:1.5rem}figure .wide{display:none}figure .narrow{display:block}}
@media (prefers-color-scheme:dark){.viz-ink{filter:invert(1) hue-rotate(180deg)}}
@media print{body{max-width:none;padding:0}nav{display:none}figure,tr{break-inside:avoid}}`;
}
