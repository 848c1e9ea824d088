/** How many numbers stand on each side of the current one. */
const NEIGHBOURS = 1

/** Page numbers to show; `null` is a gap: 1 … 4 5 6 … 20. */
export function pagerNumbers(page: number, pages: number): (number | null)[] {
  const numbers: (number | null)[] = []
  for (let number = 1; number <= pages; number++) {
    const near = Math.abs(number - page) <= NEIGHBOURS
    if (near || number === 1 || number === pages) numbers.push(number)
    else if (numbers.at(-1) !== null) numbers.push(null)
  }
  return numbers
}
