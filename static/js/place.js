/* Session storage shared by the gallery pages and the picture page: where to return to. */

export const remember = (name, value) => sessionStorage.setItem(`studio-${name}`, value);

export const recall = (name, otherwise) => sessionStorage.getItem(`studio-${name}`) ?? otherwise;
