// A version member that the caller writes, as from a form that was filled in a while ago: it is what the row is
// expected to have.
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using ::testing::HasSubstr;

template <class Backend>
class version_of_the_caller : public session_test<Backend> {
protected:
    version_of_the_caller() {
        auto user = session_.add(User{.name = "u"});
        article_ = session_.add(Article{.user = user, .title = "0"});
        session_.commit();
        for (const auto* title : {"1", "2"}) {
            article_->title = title;
            session_.commit();
        }
    }

    wharf::session session_{this->engine_};
    wharf::entity<Article> article_{};
};
TYPED_TEST_SUITE(version_of_the_caller, wharf::test::backends);

TYPED_TEST(version_of_the_caller, that_is_not_the_rows__is_stale_data_and_never_transient) {
    auto article = this->session_.template get_one<Article>(this->article_.read()->id);
    article->version = 1;
    article->title = "from a form";
    try {
        this->session_.commit();
        FAIL();
    } catch (const wharf::stale_data& lost) {
        EXPECT_FALSE(lost.is_transient());
        EXPECT_THAT(lost.what(), HasSubstr("the caller has written"));
        EXPECT_EQ(lost.objects<Article>(), std::vector{article});
    }
    this->session_.rollback();
    EXPECT_EQ(article.read()->version, 2);
    EXPECT_EQ(this->text("SELECT title FROM articles"), "2");
    this->session_.resolve(article, wharf::keep_mine);
    this->session_.commit();
    EXPECT_EQ(this->text("SELECT title FROM articles"), "from a form");
    EXPECT_EQ(article.read()->version, 3);
}

TYPED_TEST(version_of_the_caller, that_is_the_rows__is_raised) {
    auto article = this->article_;
    article->version = 2;
    article->title = "from a form";
    this->session_.commit();
    EXPECT_EQ(article.read()->version, 3);
    article->title = "again";
    this->session_.commit();
    EXPECT_EQ(this->count("articles WHERE title = 'again' AND version = 4"), 1);
}

TYPED_TEST(version_of_the_caller, by_itself_is_no_change) {
    this->article_->version = 1;
    EXPECT_FALSE(this->session_.is_modified());
}

TYPED_TEST(version_of_the_caller, of_a_row_that_is_removed__is_expected_too) {
    this->article_->version = 1;
    this->session_.remove(this->article_);
    EXPECT_THROW(this->session_.commit(), wharf::stale_data);
    this->session_.rollback();
    EXPECT_EQ(this->count("articles"), 1);
    this->session_.remove(this->article_);
    this->session_.commit();
    EXPECT_EQ(this->count("articles"), 0);
}

TYPED_TEST(version_of_the_caller, try_that_wrote_one_is_not_repeated) {
    int tries = 0;
    const auto work = [&](wharf::session& in) {
        ++tries;
        auto article = in.get_one<Article>(this->article_.read()->id);
        article->version = 1;
        article->title = "from a form";
    };
    EXPECT_THROW(wharf::run_transaction(this->session_, work), wharf::stale_data);
    EXPECT_EQ(tries, 1);
}

} // namespace
