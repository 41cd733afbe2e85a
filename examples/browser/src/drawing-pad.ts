/** Side of the picture that is read: half the pad's is plenty for 28 x 28, and read in a quarter of the time. */
const READ = 140;

/** A canvas on which one writes with a mouse, a pen, a finger, or the arrow keys and the space bar. */
export class DrawingPad {
  readonly #context: CanvasRenderingContext2D;
  readonly #small: CanvasRenderingContext2D;
  readonly #cursor: HTMLElement;
  #strokes: [number, number][][] = [];
  #at: [number, number] = [140, 140];
  #penDown = false;

  constructor(
    readonly canvas: HTMLCanvasElement,
    cursor: HTMLElement,
    readonly onChange: (done: boolean) => void,
  ) {
    this.#context = canvas.getContext('2d', { willReadFrequently: true })!;
    const small = document.createElement('canvas');
    small.width = small.height = READ;
    this.#small = small.getContext('2d', { willReadFrequently: true })!;
    this.#small.imageSmoothingQuality = 'high';
    this.#cursor = cursor;
    this.#redraw();
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#strokes.push([this.#position(event)]);
      this.#redraw();
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      for (const move of event.getCoalescedEvents?.() ?? [event])
        this.#strokes.at(-1)?.push(this.#position(move));
      this.#redraw();
      this.onChange(false);
    });
    canvas.addEventListener('pointerup', () => this.onChange(true));
    canvas.addEventListener('pointercancel', () => this.onChange(true));
    canvas.addEventListener('keydown', (event) => this.#key(event));
    canvas.addEventListener('blur', () => this.#showCursor(false));
    canvas.addEventListener('focus', () => this.#showCursor(canvas.matches(':focus-visible')));
  }

  get empty(): boolean {
    return this.#strokes.length === 0;
  }

  get picture(): ImageData {
    this.#small.drawImage(this.canvas, 0, 0, READ, READ);
    return this.#small.getImageData(0, 0, READ, READ);
  }

  clear(): void {
    this.#strokes = [];
    this.#penDown = false;
    this.#redraw();
  }

  undo(): void {
    this.#strokes.pop();
    this.#redraw();
    this.onChange(true);
  }

  #position(event: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * this.canvas.width,
      ((event.clientY - box.top) / box.height) * this.canvas.height,
    ];
  }

  #key(event: KeyboardEvent): void {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-8, 0],
      ArrowRight: [8, 0],
      ArrowUp: [0, -8],
      ArrowDown: [0, 8],
    };
    const move = moves[event.key];
    if (!move && event.key !== ' ') return;
    event.preventDefault();
    if (move) {
      const inside = (value: number) => Math.min(270, Math.max(10, value));
      this.#at = [inside(this.#at[0] + move[0]), inside(this.#at[1] + move[1])];
      if (this.#penDown) this.#strokes.at(-1)?.push(this.#at);
    } else {
      this.#penDown = !this.#penDown;
      if (this.#penDown) this.#strokes.push([this.#at]);
    }
    this.#redraw();
    this.#showCursor(true);
    if (!this.empty) this.onChange(!this.#penDown);
  }

  #showCursor(shown: boolean): void {
    this.#cursor.hidden = !shown;
    this.#cursor.classList.toggle('down', this.#penDown);
    this.#cursor.style.left = `${(this.#at[0] / this.canvas.width) * 100}%`;
    this.#cursor.style.top = `${(this.#at[1] / this.canvas.height) * 100}%`;
  }

  #redraw(): void {
    const context = this.#context;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.lineWidth = 17;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.strokeStyle = '#111';
    for (const stroke of this.#strokes) {
      context.beginPath();
      for (const [x, y] of stroke) context.lineTo(x, y);
      if (stroke.length === 1) context.lineTo(stroke[0]![0] + 0.1, stroke[0]![1]);
      context.stroke();
    }
  }
}
