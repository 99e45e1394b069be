// What tests of stores share: results that must be OK, and folders.
#ifndef TESTS_UNIT_STORE_FIXTURE_H_
#define TESTS_UNIT_STORE_FIXTURE_H_

#include <catch2/catch.hpp>
#include <utility>

#include "storage/base/status.h"
#include "tests/unit/folder.h"

namespace annals {

template <typename T>
T Value(absl::StatusOr<T> value) {
  INFO(value.status().ToString());
  REQUIRE(value.ok());
  return std::move(value).value();
}

inline void Ok(const absl::Status& status) {
  INFO(status.ToString());
  REQUIRE(status.ok());
}

}  // namespace annals

#endif  // TESTS_UNIT_STORE_FIXTURE_H_
