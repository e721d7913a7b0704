/* What the walls and the picture page tell each other, for this tab only. */

export const remember = (name, value) => sessionStorage.setItem(`studio-${name}`, value);

export const recall = (name, otherwise) => sessionStorage.getItem(`studio-${name}`) ?? otherwise;
