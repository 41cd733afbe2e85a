import { describe, expect, it } from 'vitest';
import { imageGrid } from '../src/image-grid.js';
import { lossPlot } from '../src/loss-plot.js';

const images = { data: new Uint8Array([0, 255, 128, 64]), shape: [1, 2, 2] };

describe('images in the terminal', () => {
  it('puts two pixels in a half block, exactly in true colour', () => {
    const text = imageGrid({ images, ink: 'light' }).toTerminal({ colour: 'truecolour' });
    expect(text).toContain(
      '\u001b[38;2;0;0;0;48;2;128;128;128m▀\u001b[38;2;255;255;255;48;2;64;64;64m▀\u001b[0m',
    );
  });

  it('turns the greys round for dark ink, and takes the nearest of 256 colours', () => {
    const text = imageGrid({ images, ink: 'dark' }).toTerminal({ colour: 'ansi256' });
    // 255, 127 over 0, 191: white over grey 244, black over grey 250.
    expect(text).toContain('\u001b[38;5;231;48;5;244m▀\u001b[38;5;16;48;5;250m▀\u001b[0m');
  });

  it('averages an image that is wider than the terminal', () => {
    const wide = { data: new Uint8Array(100 * 100).fill(255), shape: [1, 100, 100] };
    const lines = imageGrid({ images: wide }).toTerminal({ columns: 20 }).split('\n').slice(2, -1);
    expect(lines).toEqual(new Array(10).fill('█'.repeat(20)));
  });
});

describe('charts in the terminal', () => {
  it('draws a falling line from the top left to the bottom right, with a tick where the axis says', () => {
    const text = lossPlot({ series: [{ name: 'a', loss: [2, 1, 0] }], scale: 'linear' }).toTerminal({
      columns: 40,
      characters: 'ascii',
    });
    const rows = text.split('\n').filter((line) => /[|+]/.test(line));
    expect(rows[0]).toMatch(/^2.0 \+\*/);
    expect(rows[15]).toMatch(/^0.0 \+ +\*+$/);
    const columns = rows.slice(0, 16).map((line) => line.lastIndexOf('*'));
    expect(columns).toEqual([...columns].sort((a, b) => a - b));
  });
});
