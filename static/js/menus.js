/* Menus that open below their button. */

const OPEN = "details.menu[open], details[data-popover][open]";

export function hasOpenMenu() {
  return document.querySelector(OPEN) !== null;
}

/* Close all menus, except the one that is or holds an element. */
export function closeMenus(but = null) {
  for (const menu of document.querySelectorAll(OPEN)) {
    if (menu === but || menu.contains(but)) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
}
