// Tables that sort by the column whose heading is pressed. A row in the foot stays where it is.

export function makeSortable(table) {
  const buttons = [...table.querySelectorAll('thead th button')];
  for (const [column, button] of buttons.entries()) {
    button.addEventListener('click', () => {
      const heading = button.parentElement;
      const isRising = heading.getAttribute('aria-sort') !== 'ascending';
      for (const other of buttons) other.parentElement.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', isRising ? 'ascending' : 'descending');
      sort(table.tBodies[0], column, isRising);
    });
  }
}

function sort(body, column, isRising) {
  const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
  rows.sort((a, b) => (isRising ? 1 : -1) * compare(a.key, b.key));
  body.append(...rows.map(({ row }) => row));
}

function keyOf(cell) {
  const order = cell.dataset.order;
  return order === undefined ? cell.textContent : Number(order);
}

function compare(a, b) {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}
