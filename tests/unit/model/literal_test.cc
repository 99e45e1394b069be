#include "storage/model/literal.h"

#include <catch2/catch.hpp>
#include <string>

namespace annals {
namespace {

std::string Xsd(const std::string& name) { return "http://www.w3.org/2001/XMLSchema#" + name; }

TEST_CASE("literals that are written back as they were become native terms") {
  for (const auto& [value, type] : {std::pair<std::string, std::string>{"36", "integer"},
                                    {"-7", "integer"},
                                    {"12345678901234567890", "integer"},
                                    {"3.50", "decimal"},
                                    {"55e0", "double"},
                                    {"true", "boolean"},
                                    {"2024", "gYear"},
                                    {"-0044", "gYear"},
                                    {"2024-06", "gYearMonth"},
                                    {"2024-06-19", "date"},
                                    {"2024-06-19T10:30:05", "dateTime"},
                                    {"2024-06-19T10:30:05+09:00", "dateTime"}}) {
    CAPTURE(value, type);
    const Term term = LiteralTerm(value, Xsd(type));
    CHECK(term.As<TypedLiteral>() == nullptr);
    const auto literal = LiteralOf(term);
    REQUIRE(literal.has_value());
    CHECK(literal->value == value);
    CHECK(literal->datatype == Xsd(type));
  }
  for (const std::string value : {"2024..2025", "..2024", "2024-06-19T10:30"}) {
    const Term term = LiteralTerm(value, std::string(kTimeDatatype));
    CAPTURE(value);
    CHECK(term.As<Time>() != nullptr);
    CHECK(LiteralOf(term)->datatype == kTimeDatatype);
  }
}

TEST_CASE("doubles are read by their value") {
  CHECK(LiteralTerm("1.2E6", Xsd("double")) == Term(1.2e6));
  CHECK(LiteralTerm("+5", Xsd("double")) == Term(5.0));
}

TEST_CASE("other literals stay as they are") {
  for (const auto& [value, type] : {std::pair<std::string, std::string>{"007", "integer"},
                                    {"+5", "integer"},
                                    {"5", "decimal"},
                                    {"5.0", "integer"},
                                    {"1", "boolean"},
                                    {"INF", "double"},
                                    {"1e999", "double"},
                                    {"2024-06", "date"},
                                    {"2023-02-29", "date"},
                                    {"2024-06-19Z", "date"},
                                    {"2024-06-19T10:30:05.5", "dateTime"},
                                    {"P1D", "duration"},
                                    {"", "integer"}}) {
    CAPTURE(value, type);
    const Term term = LiteralTerm(value, Xsd(type));
    REQUIRE(term.As<TypedLiteral>() != nullptr);
    CHECK(*LiteralOf(term) == Literal{value, Xsd(type), ""});
  }
  CHECK(LiteralTerm("x", Xsd("string")) == Term(Text{"x", ""}));
  CHECK(!LiteralOf(Term(Name{"x"})).has_value());
}

}  // namespace
}  // namespace annals
