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
button,select{font:inherit;font-size:.925rem;color:inherit;background:none;border:1px solid var(--viz-rule);border-radius:6px;padding:.3rem .7rem;cursor:pointer}
select{background:var(--viz-paper)}
button:hover,select:hover{border-color:var(--viz-ink)}
button:disabled{opacity:.45;cursor:default}
:focus-visible{outline:2px solid var(--viz-blue);outline-offset:2px}
[hidden]{display:none!important}
.tools{display:flex;flex-wrap:wrap;gap:.5rem;margin:.75rem 0}
.sort{all:unset;cursor:pointer;white-space:nowrap}
.sort::after{content:' \\2195';opacity:.4}
[aria-sort=ascending] .sort::after{content:' \\2191';opacity:1}
[aria-sort=descending] .sort::after{content:' \\2193';opacity:1}
.sort:hover{color:var(--viz-ink)}
.sort:focus-visible{outline:2px solid var(--viz-blue);outline-offset:2px}
.plot{position:relative}
.plot svg{margin:0;width:100%}
.wide>.plot,.narrow>.plot{margin:0 -20px}
.reader{position:absolute;cursor:crosshair;touch-action:pan-y}
.hair{position:absolute;top:0;bottom:0;border-left:1px solid var(--viz-rule);pointer-events:none}
.values{position:absolute;top:0;padding:.35rem .6rem;border:1px solid var(--viz-rule);border-radius:6px;background:var(--viz-paper);font-size:.8125rem;line-height:1.5;white-space:nowrap;pointer-events:none;font-variant-numeric:tabular-nums lining-nums}
.values i{display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.4em}
.where{color:var(--viz-muted)}
.tally{font-size:1.05rem;max-width:none}
.reading{color:var(--viz-muted);font-size:.9rem}
.committee>.scroll{max-height:20rem;overflow:auto;display:inline-block;max-width:100%;margin:0 0 .5rem;padding-right:1rem}
.digits{list-style:none;margin:1rem 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:1rem .75rem}
.digits li{font-size:.8125rem;line-height:1.4;min-width:0}
.digits img{display:block;width:84px;height:84px;margin-bottom:.3rem}
.digits b,.digits span{display:block}
.digits b{font-size:.925rem}
.digits span{color:var(--viz-muted)}
.digits .sure{color:var(--viz-ink)}
.digits button{all:unset;cursor:zoom-in;display:block;width:100%;box-sizing:border-box;padding:6px;margin:-6px;border-radius:6px}
.digits button:hover{background:var(--viz-grid)}
.digits button:focus-visible{outline:2px solid var(--viz-blue)}
.digits img,.large,.seen img{image-rendering:pixelated;border:1px solid var(--viz-grid)}
dialog{width:min(44rem,calc(100vw - 24px));max-height:calc(100dvh - 24px);overflow:auto;padding:1rem 1.25rem 1.5rem;border:1px solid var(--viz-rule);border-radius:10px;background:var(--viz-paper);color:var(--viz-ink)}
dialog::backdrop{background:rgb(0 0 0/.55)}
dialog h3{margin:.5rem 0 1rem;font-size:1.2rem}
dialog h3:focus{outline:none}
dialog .tools{margin:0}
dialog .tools button:last-child{margin-left:auto}
.opened{display:grid;grid-template-columns:224px minmax(0,1fr);gap:1.25rem}
.opened p{margin:0 0 .4rem;color:var(--viz-muted);font-size:.9rem}
.large{width:224px;height:auto}
.bars ul{list-style:none;margin:0;padding:0}
.bars li{display:grid;grid-template-columns:minmax(5.5rem,auto) 1fr 4rem;gap:.6rem;align-items:center;font-size:.9rem;line-height:1.7;font-variant-numeric:tabular-nums}
.bars li span:last-child{text-align:right}
.bar{height:.7rem;background:var(--viz-grid);border-radius:3px;overflow:hidden}
.bar i{display:block;height:100%;background:var(--viz-vermilion)}
.good .bar i{background:var(--viz-green)}
.seen,.ballot{grid-column:1/-1;min-width:0}
.seen img{width:100%;max-width:40rem;height:auto}
.ballot{overflow-x:auto}
td.good,td.bad{font-weight:600}
td.good::before,td.bad::before{content:'';display:inline-block;width:.6em;height:.6em;margin-right:.4em;border-radius:50%;background:var(--viz-vermilion)}
td.good::before{background:var(--viz-green)}
.off td{opacity:.45}
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
@media (max-width:640px){body{padding:1.25rem 20px 3rem}h1{font-size:1.5rem}figure .wide{display:none}figure .narrow{display:block}.opened{grid-template-columns:minmax(0,1fr)}dialog{padding:1rem}dialog th.right,dialog td.right{padding-left:.5rem}dialog th,dialog td{padding-right:.5rem}.digits{grid-template-columns:repeat(auto-fill,minmax(92px,1fr))}}
@media print{body{max-width:none;padding:0}nav,.tools,.reader,.sort::after,input{display:none!important}figure,tr,li{break-inside:avoid}h2{break-after:avoid}.scroll{overflow:visible;max-height:none!important}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;
}
