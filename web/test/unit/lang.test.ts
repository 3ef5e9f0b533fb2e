import { describe, expect, it } from 'vitest'
import { lang, t, useLang, useSetup } from '@/core/i18n'

describe('the language', () => {
  it('is what was asked for last, with the texts of setting up, however long each takes to come', async () => {
    await useSetup()
    // The English ones are on their way for the first time.
    await Promise.all([useLang('en'), useLang('zh')])
    expect(lang()).toBe('zh')
    expect(t('declare.preview')).toMatch(/[\u4e00-\u9fff]/)
    await Promise.all([useLang('zh'), useLang('en')])
    expect(lang()).toBe('en')
    expect(t('declare.preview')).toMatch(/^[A-Z]/)
    await useLang('zh')
  })
})
