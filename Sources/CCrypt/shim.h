#pragma once
// crypt_r(3) and the salt maker of libxcrypt, for bcrypt ($2a$ and its kin).
#include <crypt.h>
