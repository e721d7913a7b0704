/* Files out of a paste or a drop. */

const LOOKS_LIKE_A_PICTURE = /^image\/|^$/;

export const filesOf = (transfer) => [...(transfer?.files ?? [])].filter((file) => LOOKS_LIKE_A_PICTURE.test(file.type));

/* Word processors copy text together with a picture of it: in a text field the text is meant. */
export const isTextPaste = (event) => event.target.closest?.("input, textarea") && event.clipboardData.types.includes("text/plain");
