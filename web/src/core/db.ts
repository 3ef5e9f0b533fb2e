/*
 * What this browser keeps between visits, in one IndexedDB: last answers (kept), what waits to be sent (outbox), and
 * the ids the server gave to what was sent (arrived). Everything belongs to a member and is shown to no other.
 */

export type Store = 'kept' | 'outbox' | 'arrived'

let opened: Promise<IDBDatabase> | undefined

function open(): Promise<IDBDatabase> {
  return opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('loudou', 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('kept', { keyPath: ['member', 'path'] })
      request.result.createObjectStore('outbox', { keyPath: 'n', autoIncrement: true })
      request.result.createObjectStore('arrived', { keyPath: 'key' })
    }
    request.onsuccess = () => {
      // A newer page in another tab may change the shape: it must not wait for this one.
      request.result.onversionchange = () => { request.result.close(); opened = undefined }
      request.result.onclose = () => { opened = undefined }
      resolve(request.result)
    }
    request.onerror = () => { opened = undefined; reject(request.error) }
  })
}

/** One transaction; resolves when what it wrote would survive the end of the process. */
export async function transact<T>(mode: IDBTransactionMode, names: Store[], work: (store: (name: Store) => IDBObjectStore) => T | Promise<T>): Promise<T> {
  const db = await open()
  return new Promise<T>((resolve, reject) => {
    const tx = db.transaction(names, mode, { durability: mode === 'readwrite' && names.includes('outbox') ? 'strict' : 'default' })
    let result: T
    tx.oncomplete = () => resolve(result)
    tx.onabort = () => reject(tx.error ?? new Error('aborted'))
    Promise.resolve(work(name => tx.objectStore(name))).then(value => { result = value }, error => { reject(error); tx.abort() })
  })
}

export const done = <T>(request: IDBRequest<T>) => new Promise<T>((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})
