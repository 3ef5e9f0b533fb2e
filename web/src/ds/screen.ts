import { ref } from 'vue'

/* The only switch between desk and phone in code; everything else is CSS. */

const narrow = matchMedia('(max-width: 767px)')
export const isPhone = ref(narrow.matches)
narrow.addEventListener('change', () => { isPhone.value = narrow.matches })

const coarse = matchMedia('(pointer: coarse)')
export const isCoarse = ref(coarse.matches)
coarse.addEventListener('change', () => { isCoarse.value = coarse.matches })
