/* version: of the program and its API. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define LOUDOU_VERSION "0.1.0"

#endif
